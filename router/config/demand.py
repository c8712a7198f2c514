"""What operations may cost, by the weights of the schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from router.config.rate_limits import By
from router.config.section import Section


class BudgetConfig(Section):
    """So much cost in a window, counted apart for each combination of what `by` names."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    by: tuple[By, ...] = Field(min_length=1, max_length=5)
    """As in `rate_limits.rules`: a budget does not hold for a request that lacks one of these."""
    cost: int = Field(ge=1, le=1_000_000_000)
    window_s: int = Field(default=60, ge=1, le=86_400)


class DemandConfig(Section):
    """Demand control: the cost of an operation is estimated by @cost and @listSize before anything runs."""

    mode: Literal["off", "measure", "enforce"] = "off"
    """`measure`: everything runs, and metrics and the access log tell what enforcing would do."""
    max_cost: int = Field(default=10_000, ge=1, le=1_000_000_000)
    """Of one operation. Measure first: what is dear depends on the schema and its weights."""
    list_size: int = Field(default=20, ge=0, le=1_000_000)
    """How long a list is thought to be that has no @listSize."""
    mutation_weight: int = Field(default=10, ge=0, le=1_000_000)
    """Of each root field of a mutation, besides what it answers."""
    budgets: tuple[BudgetConfig, ...] = Field(default=(), max_length=8)
    """Over several operations; what is taken is the estimate, so that nothing has to be given back."""
    actual: bool = False
    """Counts what was answered, too, to compare: it reads every answer once more."""
    show: bool = False
    """Who sends `x-zellige-cost: 1` is told the cost, in `extensions.cost`."""

    @field_validator("budgets")
    @classmethod
    def _refuse_one_name_twice(cls, budgets: tuple[BudgetConfig, ...]) -> tuple[BudgetConfig, ...]:
        names = [budget.name for budget in budgets]
        if len(set(names)) < len(names):
            raise ValueError("two budgets have the same name")
        return budgets
