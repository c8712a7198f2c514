"""Drops waiting that other waiting already implies."""

from __future__ import annotations

from router.planner.fetches.step import Step


def reduce_parents(steps: list[Step]) -> list[Step]:
    """Returns the steps with only their nearest parents.

    Before: c after a and b, b after a. After: c after b.
    """
    for step in steps:
        implied = {ancestor for parent in step.after for ancestor in parent.ancestors()}
        step.after -= implied
    return steps
