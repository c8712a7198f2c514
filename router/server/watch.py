"""Deadlines and vanished clients, watched from the moment a request turns out not to be answered at once.

A timer and a task for each request cost more than many answers do. So one timer for all ticks while requests
are young; a request that outlives the tick gets a timer of its own and a task that waits for its client to
leave. Both end the request by cancelling its task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from router.server.asgi import Receive
from router.server.refusal import ClientLeftError

# A busy process answers later than an idle one: a short patience would make just those requests dearer. A
# client that left is noticed within it, which is soon enough to save what takes long.
PATIENCE_S = 0.25


class OverdueError(Exception):
    """The request reached its deadline and was cancelled."""


class Watchman:
    """Watches every request of one event loop."""

    def __init__(self) -> None:
        self._young: dict[Watch, float] = {}
        self._is_ticking = False
        self._known_loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the first request, which is that of all."""
        # Asking for the running loop costs a system call in Python 3.11, several times a request.
        if self._known_loop is None:
            self._known_loop = asyncio.get_running_loop()
        return self._known_loop

    def watch(self, deadline_at: float, receive: Receive | None = None) -> Watch:
        """Returns the watch over the request of the current task; used as a context.

        It raises OverdueError at the loop's time `deadline_at`. With `receive`, whose body must have been
        read, it raises ClientLeftError when the client goes.
        """
        return Watch(self, deadline_at, receive)

    def enter(self, watch: Watch) -> None:
        """Takes a request in."""
        loop = self.loop
        young_until = loop.time() + PATIENCE_S
        if watch.deadline_at < young_until:
            watch.begin(loop)
            return
        self._young[watch] = young_until
        if not self._is_ticking:
            self._is_ticking = True
            loop.call_later(PATIENCE_S, self._tick, loop)

    def leave(self, watch: Watch) -> None:
        """Lets a request go."""
        self._young.pop(watch, None)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        grown_up: list[Watch] = []
        for watch, young_until in self._young.items():  # in the order they came
            if young_until > now:
                break
            grown_up.append(watch)
        for watch in grown_up:
            del self._young[watch]
            watch.begin(loop)
        self._is_ticking = bool(self._young)
        if self._is_ticking:
            loop.call_later(PATIENCE_S, self._tick, loop)


class Watch:
    """One request under watch."""

    __slots__ = (
        "_client",
        "_reason",
        "_receive",
        "_task",
        "_timer",
        "_watchman",
        "deadline_at",
    )

    def __init__(self, watchman: Watchman, deadline_at: float, receive: Receive | None) -> None:
        task = asyncio.current_task(watchman.loop)
        assert task is not None, "an ASGI application runs in a task"
        self._watchman = watchman
        self._receive = receive
        self._task: asyncio.Task[object] = task
        self.deadline_at = deadline_at
        self._reason: type[OverdueError | ClientLeftError] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._client: asyncio.Task[None] | None = None

    def __enter__(self) -> Watch:
        self._watchman.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._watchman.leave(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._client is not None:
            self._client.cancel()
        # Someone else may have cancelled the task too, as a server that stops does: that goes first.
        if self._reason is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise self._reason from None

    @property
    def has_body(self) -> bool:
        """Whether the body was read in time."""
        return self._receive is not None

    def go_on(self, deadline_at: float, receive: Receive) -> None:
        """Watches on until another time, and for the client to leave, after the body was read."""
        self.deadline_at = deadline_at
        self._receive = receive
        if self._timer is not None:
            self._timer.cancel()
            self.begin(self._watchman.loop)

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the timer and the wait for the client to leave."""
        self._timer = loop.call_at(self.deadline_at, self._end, OverdueError)
        if self._receive is not None:
            self._client = loop.create_task(_await_disconnect(self._receive, self._end))

    def _end(self, reason: type[OverdueError | ClientLeftError]) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()


async def _await_disconnect(
    receive: Receive, end: Callable[[type[OverdueError | ClientLeftError]], None]
) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    end(ClientLeftError)
