"""An asyncio task that steps a resolver's coroutine at once, and serves many that never wait.

`asyncio.Task` costs a trip through the event loop each, even for a coroutine that returns without waiting.
This one runs the first step in place. A coroutine that ends there leaves the task free for the next; one that
waits keeps it, with its own context, so that timeouts, task groups and context variables inside resolvers
behave as under asyncio's own tasks. It follows asyncio's protocol for tasks of third parties
(https://docs.python.org/3/library/asyncio-extending.html).
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, CancelledError, Future
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, Protocol

current_task = asyncio.current_task
enter_task: Any = asyncio._enter_task  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]  # documented for tasks of third parties
leave_task: Any = asyncio._leave_task  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]

register_task: Any = asyncio._register_task  # noqa: SLF001


class Owner(Protocol):
    """Who is told what becomes of a task."""

    def waits(self, task: FieldTask) -> None:
        """The coroutine waits; called within its step."""

    def ended(self, task: FieldTask, fault: BaseException | None) -> None:
        """The coroutine returned, or raised."""


class FieldTask(Future[None]):
    """Steps a coroutine; `base` is the context its own was copied from.

    `group` and `child` are its owner's: what the coroutine is busy with.
    """

    group: Any = None
    child: Any = None
    waited = False
    """Whether the coroutine has waited: then the task serves no other."""
    cancels = 0
    """How many requests to cancel the task are open."""
    _coro: Coroutine[Any, Any, Any] | None = None
    _fut_waiter: Future[Any] | None = None
    _must_cancel = False
    _cancel_message: Any = None

    def __init__(self, loop: AbstractEventLoop, owner: Owner, base: Context) -> None:
        super().__init__(loop=loop)
        self._owner = owner
        self.base = base
        self.context = base.copy()

    def start(self, coro: Coroutine[Any, Any, Any]) -> None:
        """Runs the coroutine's first step now, from anywhere in the loop's thread."""
        self._coro = coro
        loop = self.get_loop()
        outer = current_task(loop)
        if outer is not None:
            leave_task(loop, outer)
        enter_task(loop, self)
        try:
            self.context.run(self._step, None)
        finally:
            leave_task(loop, self)
            if outer is not None:
                enter_task(loop, outer)

    def _resume(self, error: BaseException | None) -> None:
        """Runs the next step; called by the loop, in the task's context."""
        loop = self.get_loop()
        enter_task(loop, self)
        try:
            self._step(error)
        finally:
            leave_task(loop, self)

    def _step(self, error: BaseException | None) -> None:
        coro = self._coro
        assert coro is not None, "a task that ended is not stepped"
        self._fut_waiter = None
        if self._must_cancel:
            error = error if isinstance(error, CancelledError) else CancelledError(*self._cancel_arguments())
            self._must_cancel = False
        try:
            yielded = coro.send(None) if error is None else coro.throw(error)
        except StopIteration:
            self._end(None)
        except BaseException as fault:  # noqa: BLE001 - the owner handles what fields raise; this is a fault
            self._end(fault)
        else:
            self._wait_for(yielded)

    def _end(self, fault: BaseException | None) -> None:
        self._coro = None
        self._owner.ended(self, fault)
        if self.waited and not self.done():
            # Others may hold a task that waited, as `asyncio.current_task` gave it to them.
            self.set_result(None)

    def _wait_for(self, yielded: Any) -> None:
        self.waited = True
        self._owner.waits(self)
        loop = self.get_loop()
        blocking = getattr(yielded, "_asyncio_future_blocking", None)
        if yielded is None:
            loop.call_soon(self._resume, None, context=self.context)
        elif blocking and yielded.get_loop() is loop and yielded is not self:
            yielded._asyncio_future_blocking = False  # noqa: SLF001 - the protocol between futures and tasks
            yielded.add_done_callback(self._wake_up, context=self.context)
            self._fut_waiter = yielded
            if self._must_cancel and yielded.cancel(*self._cancel_arguments()):
                self._must_cancel = False
        else:
            fault = RuntimeError(f"Task {self!r} got bad yield: {yielded!r}")
            loop.call_soon(self._resume, fault, context=self.context)

    def _wake_up(self, future: Future[Any]) -> None:
        try:
            future.result()
        except BaseException as error:  # noqa: BLE001 - thrown into the coroutine that awaits it
            self._resume(error)
        else:
            self._resume(None)

    def _cancel_arguments(self) -> tuple[Any, ...]:
        return () if self._cancel_message is None else (self._cancel_message,)

    def cancel(self, msg: Any | None = None) -> bool:
        """Asks the coroutine to end, by a CancelledError where it waits."""
        if self.done() or self._coro is None:
            return False
        self.cancels += 1
        if self._fut_waiter is not None and self._fut_waiter.cancel(msg=msg):
            return True
        self._must_cancel = True
        self._cancel_message = msg
        return True

    def cancelling(self) -> int:
        """Returns how many requests to cancel are open."""
        return self.cancels

    def uncancel(self) -> int:
        """Takes one request to cancel back; returns how many are left."""
        if self.cancels:
            self.cancels -= 1
            if not self.cancels:
                self._must_cancel = False
        return self.cancels

    def get_coro(self) -> Coroutine[Any, Any, Any] | None:
        """Returns the coroutine that waits."""
        return self._coro

    def get_context(self) -> Context:
        """Returns the context the coroutine runs in."""
        return self.context

    def get_name(self) -> str:
        """Returns the name that asyncio shows."""
        return f"FieldTask-{id(self):x}"
