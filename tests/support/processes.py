"""Watching other processes from a test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

WAIT_SECONDS_MAX = 30.0


def is_running(process_id: int) -> bool:
    """Says whether the process runs; one that is dead but not yet reaped does not."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until(condition: Callable[[], bool], seconds_max: float = WAIT_SECONDS_MAX) -> None:
    """Returns once the condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + seconds_max
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.05)


async def wait_until_async(condition: Callable[[], bool], seconds_max: float = WAIT_SECONDS_MAX) -> None:
    """Does the same while the event loop goes on."""
    async with asyncio.timeout(seconds_max):
        while not condition():  # noqa: ASYNC110 - any condition, also one that no event tells
            await asyncio.sleep(0.01)


def descendants_of(process_id: int) -> list[int]:
    """Returns the ids of all processes below this one."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [process_id]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
