"""Runs the coroutines of one execution in the order graphql-core's tasks would run, without a task for each.

graphql-core makes an asyncio task of every open place of an object or list that has several, and awaits a
single one in line; tasks made in one turn of the event loop run in the next. Here the places are collected
instead, and all that belong to one turn run in one callback, awaited one after the other within one task. A
coroutine that waits keeps that task, and the others go on in a new one, in the same turn. So resolvers start
in the same order, and what a DataLoader is asked in one turn of the loop stays one batch.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from types import CoroutineType
from typing import Any

from graphql import GraphQLError

from subgraphs.kit.execution.closing import Closing, is_background
from subgraphs.kit.execution.field_task import FieldTask, register_task
from subgraphs.kit.execution.pending import DEAD, OPEN, PENDING, Child, Group, Work


class Scheduler(Closing):
    """Begins the open places of one execution and waits until they are closed."""

    def __init__(self, run: Any, loop: AbstractEventLoop) -> None:
        super().__init__(run, loop)
        self._base = copy_context()
        self._free: FieldTask | None = None
        self._stopped = False
        self._waiting: set[FieldTask] = set()

    async def complete(self, group: Group, following: Callable[[], Group | None] | None = None) -> None:
        """Returns when all places of the group are closed, and then of each that `following` begins.

        Raises what brought the root down; `following` returns None when there is no more.
        """
        self._failure, self._done = None, None
        self._following = following
        self._is_advancing = True
        self._begin_root(group)
        self._is_advancing = False
        if self._root is None:
            # It ended at once, and so may what follows.
            self._root = group
            self._finish(self._failure)
        if self._root is not None:
            await self._wait()
        if self._failure is not None:
            if not isinstance(self._failure, GraphQLError):
                await self._stop()
            raise self._failure

    def _begin_root(self, group: Group) -> None:
        self._root = group
        if len(group.places) > 1:
            self._begin_soon(group, self._base)
        else:
            task = self._task_for(self._base)
            task.start(self._begin_alone(task, group))

    async def _wait(self) -> None:
        self._done = self._loop.create_future()
        remaining_s = self._run.remaining_s()
        timer = None
        if remaining_s is not None:
            timer = self._loop.call_later(remaining_s, self._finish, self._run.stopped())
        try:
            await self._done
        except BaseException:
            await self._stop()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    async def _stop(self) -> None:
        """Cancels what waits and drops what has not begun; returns when all of it has ended."""
        self._root = None
        self._stopped = True
        waiting = [task for task in self._waiting if not is_background(task.child.group)]
        for task in waiting:
            task.child.state = DEAD
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)

    def begin_background(self, group: Group) -> None:
        """Begins the places of an object that has already failed; nobody waits for them."""
        group.background = True
        self._counts_turns = True
        group.container = {}
        self._begin_soon(group, self._base)

    def _begin_soon(self, group: Group, base: Context) -> None:
        group.base = base
        group.remaining = len(group.places)
        batch = self._batch
        if batch is None or group.is_foreign:
            batch = self._batch = deque()
            self._loop.call_soon(self._turn, batch)
        batch.append(group)

    # One turn of the loop.

    def _turn(self, entries: deque[Any]) -> None:
        self._batch = None
        while entries:
            first = entries[0]
            if type(first) is Group:
                assert first.base is not None, "a group in the queue knows its context"
                task = self._task_for(first.base)
                task.start(self._begin_all(task, entries))
                continue
            step, group = entries.popleft()
            try:
                step(group)
            except Exception as fault:  # noqa: BLE001 - whoever waits for the whole is told
                self._finish(fault)
        self._batch = None

    async def _begin_all(self, task: FieldTask, entries: deque[Any]) -> None:
        """Begins the places of one group after another, until one waited or a step is next.

        This is the hot path: a coroutine that returns without waiting costs little more than its `await`.
        """
        run, base, context = self._run, task.base, task.context
        while entries and type(entries[0]) is Group and entries[0].base is base:
            group = entries[0]
            if self._is_dead(group):
                self._drop(entries.popleft())
                continue
            for index in range(group.begun, len(group.places)):
                group.begun = index + 1
                here, at = group, index
                pending = group.pendings[index]
                if type(pending) is Group:
                    here, at = self._open(task, group.child(index).pending), 0
                    if here is None:
                        continue
                    pending = here.pendings[0]
                key, position, then = here.places[at]
                task.group = here
                try:
                    value = await pending
                    if task.waited:
                        await self._go_on(task, task.child, value)
                        return
                    there = None if position.is_leaf else (here.path, key, position.typename)
                    completed = then(run, value, there)
                except BaseException as error:  # noqa: BLE001 - the field's own error
                    self._give_up(task.child if task.waited else here.child(at), error)
                else:
                    if position.is_leaf or type(completed) not in PENDING:
                        here.container[key] = completed
                        here.remaining -= 1
                        if not here.remaining:
                            self._ended(here)
                    else:
                        await self._carry_on(task, here.child(at), completed)
                if task.waited or task.cancels or context != base:
                    return
            entries.popleft()

    # What runs within a task for one place.

    def _open(self, task: FieldTask, group: Group) -> Group | None:
        """Begins the group's places in the next turn; one that is alone is to be awaited in the task.

        That one's group is returned, which is the group itself or one further in.
        """
        while len(group.places) == 1:
            group.begun = group.remaining = 1
            if type(group.pendings[0]) is not Group:
                return group
            group = group.child(0).pending
        self._begin_soon(group, task.base if task.context == task.base else task.context.copy())
        return None

    async def _begin_alone(self, task: FieldTask, group: Group) -> None:
        here = self._open(task, group)
        if here is not None:
            child = here.child(0)
            await self._finish_child(task, child, child.pending)

    async def _finish_child(self, task: FieldTask, child: Child, awaitable: Any) -> None:
        """Awaits what the place waits for, until it is closed or many others are begun for it."""
        while True:
            task.child = child
            child.task = task
            try:
                value = await awaitable
                completed = child.then(self._run, value, child.path) if child.state is OPEN else None
            except BaseException as error:  # noqa: BLE001 - whatever a field raises is that field's error
                self._give_up(child, error)
                break
            following = self._deliver(task, child, completed)
            if following is None:
                break
            child = following
            awaitable = child.pending
        if not task.waited:
            task.child = None

    async def _go_on(self, task: FieldTask, child: Child, value: Any) -> None:
        """Completes the value of a place that waited."""
        try:
            completed = child.then(self._run, value, child.path) if child.state is OPEN else None
        except BaseException as error:  # noqa: BLE001 - whatever a field raises is that field's error
            self._give_up(child, error)
            return
        if type(completed) in PENDING:
            await self._carry_on(task, child, completed)
        else:
            self._deliver(task, child, completed)

    async def _carry_on(self, task: FieldTask, child: Child, completed: Any) -> None:
        following = self._deliver(task, child, completed)
        if following is not None:
            await self._finish_child(task, following, following.pending)

    def _deliver(self, task: FieldTask, child: Child, completed: Any) -> Child | None:
        """Puts the value into its place; returns the place to await for it in the task, if there is one."""
        if child.state is not OPEN:
            self._close(child)
        elif type(completed) is Group:
            completed.parent = child
            child.pending = completed
            child.group.container[child.key] = completed.container
            here = self._open(task, completed)
            return here.child(0) if here is not None else None
        elif type(completed) is Work:
            child.pending, child.then = completed.awaitable, completed.then
            return child
        else:
            child.group.container[child.key] = completed
            self._close(child)
        return None

    # What tasks tell.

    def waits(self, task: FieldTask) -> None:
        """Keeps track of the place that waits in the task."""
        self._batch = None
        if self._counts_turns and is_background((task.child or task).group):
            # Nobody waits for it: whoever ends the loop must find it.
            register_task(task)
        if task.child is None:
            child = task.group.child(task.group.begun - 1)
            task.child = child
            child.task = task
        self._waiting.add(task)

    def ended(self, task: FieldTask, fault: BaseException | None) -> None:
        """Keeps the task for others when it is as new."""
        self._batch = None
        self._waiting.discard(task)
        if fault is not None:
            self._finish(fault)
        elif not task.waited and not task.cancels and task.context == task.base:
            task.child = task.group = None
            self._free = task

    def _task_for(self, base: Context) -> FieldTask:
        task, self._free = self._free, None
        return task if task is not None and task.base is base else FieldTask(self._loop, self, base)

    def _is_dead(self, group: Group) -> bool:
        if group.parent is not None and group.parent.state is not OPEN:
            return True
        return self._stopped and not is_background(group)

    def _drop(self, group: Group) -> None:
        _dispose(group)
        self._ended(group)


def _dispose(group: Group) -> None:
    """Closes what the group would have awaited."""
    for pending in group.pendings[group.begun :]:
        if type(pending) is Group:
            _dispose(pending)
        elif type(pending) is CoroutineType:
            pending.close()
