"""How open places close, and what a failure does to the object or list around it.

When a place that may not be null fails, graphql-core learns of it two turns of the event loop later, cancels
its siblings, waits for them, and goes up another two turns later. What siblings do meanwhile can be seen
(their errors are kept), so these turns are waited for here as well, also by what succeeds or is cancelled
below an object that failed. Elsewhere a place that succeeds is told at once: nobody can see the delay.
"""

from __future__ import annotations

import sys
from asyncio import AbstractEventLoop, CancelledError, Future
from collections import deque
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from subgraphs.kit.execution.pending import CLOSED, DEAD, OPEN, Child, Group

GATHERS_EAGERLY = sys.version_info >= (3, 12)
"""Whether `asyncio.gather` of what is done already takes no turn of the loop."""


class Closing:
    """Closes places, up to the root.

    `_batch` is what one callback of the next turn will do. It takes more only as long as nothing else can
    have asked the loop for a callback meanwhile: that one's turn is then between ours.
    """

    def __init__(self, run: Any, loop: AbstractEventLoop) -> None:
        self._run = run
        self._loop = loop
        self._batch: deque[Any] | None = None
        self._root: Group | None = None
        self._done: Future[None] | None = None
        self._failure: BaseException | None = None
        self._counts_turns = False
        self._following: Callable[[], Group | None] | None = None
        self._is_advancing = False

    def _begin_root(self, group: Group) -> None:
        raise NotImplementedError

    def _turn(self, entries: deque[Any]) -> None:
        raise NotImplementedError

    def _step_soon(self, step: Callable[[Group], None], group: Group) -> None:
        """Puts a step into the next turn, in a callback of its own."""
        self._loop.call_soon(self._turn, deque(((step, group),)))
        self._batch = None

    def _close(self, child: Child) -> None:
        state, group = child.state, child.group
        if state is CLOSED:
            return
        child.state = CLOSED
        group.remaining -= 1
        if state is DEAD and group.parent is not None and group.parent.state is DEAD:
            # Of what was cancelled as a whole, the first part that ends ends it.
            self._ended(group)
        elif not group.remaining:
            self._ended(group)

    def _ended(self, group: Group) -> None:
        """Tells whoever holds the group that it is complete, or cancelled."""
        if group.has_ended:
            return
        if group.error is None:
            group.has_ended = True
        if group.error is not None:
            if group.aborting:
                self._step_soon(self._go_up_next, group)
        elif group.parent is None and group is not self._root:
            return
        elif self._counts_turns and len(group.places) > 1:
            self._step_soon(self._close_above_next, group)
        else:
            self._close_above(group)

    def _close_above_next(self, group: Group) -> None:
        self._step_soon(self._close_above, group)

    def _close_above(self, group: Group) -> None:
        if group.parent is not None:
            self._close(group.parent)
        elif group is self._root:
            self._finish(None)

    def _give_up(self, child: Child, error: BaseException) -> None:
        """Closes a place whose coroutine raised; what is nobody's to handle ends the whole."""
        if child.state is not OPEN:
            self._close(child)
        elif isinstance(error, Exception):
            self._fail(child, error)
        elif isinstance(error, CancelledError) and is_background(child.group):
            self._close(child)
        else:
            self._finish(error)

    def _fail(self, child: Child, error: Exception) -> None:
        group = child.group
        try:
            child.position.fail(self._run, error, child.path)
        except GraphQLError as located:
            if group.background:
                self._close(child)
            elif len(group.places) == 1:
                self._go_up(group, located)
            else:
                self._bring_down(group, child, located)
            return
        group.container[child.key] = None
        self._close(child)

    def _bring_down(self, group: Group, child: Child, error: GraphQLError) -> None:
        if group.error is None:
            group.error = error
            self._counts_turns = True
            self._step_soon(self._learn, group)
        self._close(child)

    def _learn(self, group: Group) -> None:
        group.has_learned = True
        self._step_soon(self._abort, group)

    def _abort(self, group: Group) -> None:
        group.aborting = True
        if group.parent is not None and group.parent.state is DEAD:
            # Cancelled between learning and acting: nobody cancels its parts, nor waits for them.
            group.background = group.has_ended = True
            self._close(group.parent)
            return
        for child in group.children:
            self._cancel(child)
        if group.remaining:
            return
        if GATHERS_EAGERLY:
            self._go_up_now(group)
        else:
            self._step_soon(self._go_up_next, group)

    def _go_up_next(self, group: Group) -> None:
        self._step_soon(self._go_up_now, group)

    def _go_up_now(self, group: Group) -> None:
        assert group.error is not None, "only what failed goes up"
        self._go_up(group, group.error)

    def _go_up(self, group: Group, error: GraphQLError) -> None:
        parent = group.parent
        if parent is None:
            if group is self._root:
                self._finish(error)
        elif parent.state is not OPEN:
            self._close(parent)
        else:
            self._fail(parent, error)

    def _cancel(self, child: Child) -> bool:
        """Cancels a place; returns whether there was something to cancel."""
        if child.state is not OPEN:
            return False
        pending = child.pending
        if type(pending) is not Group:
            child.state = DEAD
            return child.task is not None and child.task.cancel()
        if pending.error is not None and not pending.has_learned and self._cancel_parts(pending):
            # Its own failure is faster than the cancellation, and it goes up as if it had been alone.
            return True
        child.state = DEAD
        if pending.error is None:
            self._cancel_parts(pending)
        return True

    def _cancel_parts(self, group: Group) -> bool:
        # All of them, not only up to the first.
        return sum(self._cancel(each) for each in group.children) > 0

    def _finish(self, failure: BaseException | None) -> None:
        """Ends the root group; begins the following one at once, as an `await` in a row would."""
        if self._root is None:
            return
        self._root = None
        self._failure = failure
        if isinstance(failure, GraphQLError):
            # At once: what goes on in the background must find the whole given up.
            self._run.record(failure, None)
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self._root is None and self._failure is None and self._following is not None:
                group = self._following()
                if group is None:
                    break
                self._begin_root(group)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the whole is told
            self._failure = error
        finally:
            self._is_advancing = False
        if self._root is None and self._done is not None and not self._done.done():
            self._done.set_result(None)


def is_background(group: Group) -> bool:
    """Returns whether the group belongs to what had failed before it began."""
    while group.parent is not None and not group.background:
        group = group.parent.group
    return group.background
