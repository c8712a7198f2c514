"""Work that stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from router.server.asgi import Receive
from router.server.refusal import ClientLeftError

T = TypeVar("T")


async def run_while_connected(work: Awaitable[T], receive: Receive) -> T:
    """Returns the result of `work`; when the client goes first, cancels it and raises ClientLeftError.

    The work stays in the current task, so that timeouts and context variables reach it; only the watcher
    is a task of its own.
    """
    task = asyncio.current_task()
    assert task is not None, "an ASGI application runs in a task"
    watcher = asyncio.create_task(_cancel_on_disconnect(receive, task))
    try:
        return await work
    except asyncio.CancelledError:
        if watcher.done() and not watcher.cancelled():
            task.uncancel()
            raise ClientLeftError from None
        raise
    finally:
        watcher.cancel()


async def _cancel_on_disconnect(receive: Receive, task: asyncio.Task[object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    task.cancel()
