"""Runs the fetches of a plan whose answer is delivered in parts (@defer)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from router.executor.run.context import FetchContext, PlanState
from router.executor.run.fetch import run_fetch
from router.plan import Fetch, Plan
from router.response.result import ResponseError

INITIAL = 0


@dataclass(frozen=True, slots=True)
class ArrivedParts:
    """Parts of the answer whose fetches are all done, parents before those nested in them.

    `data` is everything merged so far, the same object every time; `errors` are those of each part's own
    fetches.
    """

    parts: tuple[int, ...]
    data: dict[str, Any]
    errors: Mapping[int, tuple[ResponseError, ...]]


async def execute_in_parts(plan: Plan, context: FetchContext) -> AsyncGenerator[ArrivedParts, None]:
    """Yields the initial part, alone, as soon as it is there; then the others as they arrive.

    Every fetch starts as soon as those it comes after are done, whatever part it is for. Closing the
    generator, or cancelling who waits for it, cancels every fetch under way.
    """
    run = _PartsRun(plan, context)
    try:
        while run.waiting:
            yield await run.arrive()
    finally:
        await run.cancel()


class _PartsRun:
    """The fetches under way, and the parts that wait for them."""

    def __init__(self, plan: Plan, context: FetchContext) -> None:
        self.waiting: dict[int, list[int]] = {
            part: [fetch.id for fetch in plan.needed_for(part)] for part in range(len(plan.parts) + 1)
        }
        self._plan = plan
        self._context = context
        self._data: dict[str, Any] = {}
        self._states: dict[tuple[int, ...], PlanState] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        for fetch in plan.fetches:
            before = [self._tasks[number] for number in fetch.after]
            state = self._states.setdefault(fetch.deferred, PlanState(self._data))
            self._tasks[fetch.id] = asyncio.create_task(self._run_after(before, fetch, state))

    async def _run_after(self, before: list[asyncio.Task[None]], fetch: Fetch, state: PlanState) -> None:
        for task in before:
            await task
        await run_fetch(fetch, self._context, state)

    async def arrive(self) -> ArrivedParts:
        """Waits until at least one more part is there."""
        while not (ready := self._ready()):
            under_way = [task for task in self._tasks.values() if not task.done()]
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a fetch reports failures as errors: what it raises is a fault of ours
        for part in ready:
            del self.waiting[part]
        return ArrivedParts(ready, self._data, {part: self._errors_of(part) for part in ready})

    def _ready(self) -> tuple[int, ...]:
        ready: list[int] = []
        for part, fetches in self.waiting.items():
            parent = self._plan.parts[part - 1].parent if part != INITIAL else None
            is_free = parent is None or parent not in self.waiting or parent in ready
            if is_free and all(self._tasks[number].done() for number in fetches):
                if part == INITIAL:
                    return (INITIAL,)
                ready.append(part)
            elif part == INITIAL:
                return ()
        return tuple(ready)

    def _errors_of(self, part: int) -> tuple[ResponseError, ...]:
        own = [state for parts, state in self._states.items() if (part in parts if part else not parts)]
        return tuple(error for state in own for error in state.errors)

    async def cancel(self) -> None:
        """Ends every fetch still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
