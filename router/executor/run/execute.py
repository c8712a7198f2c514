"""Runs the fetches of a plan, each as soon as those it comes after are done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from router.executor.run.context import FetchContext, PlanState
from router.executor.run.fetch import run_fetch
from router.plan import Fetch, Plan
from router.response.result import ResponseError

__all__ = ["ExecutedPlan", "FetchContext", "execute_plan"]


@dataclass(frozen=True, slots=True)
class ExecutedPlan:
    """Merged data, not yet projected, and the errors of the subgraphs in plan order."""

    data: dict[str, Any]
    errors: tuple[ResponseError, ...]


async def execute_plan(plan: Plan, context: FetchContext) -> ExecutedPlan:
    """Returns the merged answer of a plan. Cancelling it cancels every fetch under way."""
    state = PlanState()
    if len(plan.fetches) == 1:
        await run_fetch(plan.fetches[0], context, state)
    elif plan.fetches:
        await _run_together(plan, context, state)
    return ExecutedPlan(state.data, tuple(state.errors))


async def _run_together(plan: Plan, context: FetchContext, state: PlanState) -> None:
    tasks: dict[int, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        for fetch in plan.fetches:
            before = [tasks[number] for number in fetch.after]
            tasks[fetch.id] = group.create_task(_run_after(before, fetch, context, state))


async def _run_after(
    before: list[asyncio.Task[None]], fetch: Fetch, context: FetchContext, state: PlanState
) -> None:
    for task in before:
        await task
    await run_fetch(fetch, context, state)
