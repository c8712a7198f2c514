"""How many calls are under way at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

AT_ONCE = 3
Result = TypeVar("Result")


async def side_by_side(steps: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Runs the steps a few at a time.

    A password takes a fifth of a second to hash, on a thread, and on one core of a busy machine a second:
    all at once, the last ones would meet the time limit of a call.
    """
    few = asyncio.Semaphore(AT_ONCE)

    async def run(step: Coroutine[Any, Any, Result]) -> Result:
        async with few:
            return await step

    return await asyncio.gather(*(run(step) for step in steps))
