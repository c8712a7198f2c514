"""What stands where a value is still to come.

A function that completes a value answers with the value itself or with one of these two: `Work`, an awaitable
with what to do with its result, or `Group`, an object or list of which some places are still open. Each open
place is a `Child`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, Protocol

from graphql import GraphQLError

from subgraphs.kit.execution.paths import LightPath

OPEN, DEAD, CLOSED = 0, 1, 2
"""States of a child: a dead one is cancelled and still to end, a closed one no longer counts."""


class Position(Protocol):
    """A place where an error ends or passes: a field, or the items of a list.

    `typename` is the type the field belongs to, None for items; `is_leaf` says that values have no path to
    know.
    """

    typename: str | None
    is_leaf: bool

    def fail(self, run: Any, error: Exception, path: LightPath) -> None:
        """Records the error and returns, or raises it located when the place may not be null."""


class Work:
    """An awaitable, and what makes the completed value (or more pending work) of its result."""

    __slots__ = ("awaitable", "then")

    def __init__(self, awaitable: Awaitable[Any], then: Callable[[Any, Any, Any], Any]) -> None:
        self.awaitable = awaitable
        self.then = then


Place = tuple["str | int", Position, Any]
"""An open place: its key, its position, and what makes a value of what it waits for (None for groups)."""


class Child:
    """A place that did not close at its first step; `task` runs its coroutine."""

    state = OPEN
    task: Any = None

    def __init__(self, group: Group, place: Place, pending: Any) -> None:
        self.group = group
        self.key, self.position, self.then = place
        self.pending = pending

    @property
    def path(self) -> LightPath:
        """The path of the place."""
        return (self.group.path, self.key, self.position.typename)


class Group:
    """An object or a list under way: its open places and, beside each, what it waits for.

    `begun` places have begun, `remaining` are not closed; `children` are those that must be kept track of.
    `is_foreign` says that something other than a resolver's own coroutine is awaited in it, or further in.
    `base` is the context its tasks copy; `error` is what brought it down; `aborting` says that the rest was
    cancelled for it; `background` that it had failed before it began and nobody waits.
    """

    # Defaults of the class: most groups live and die without touching them.
    aborting = False
    background = False
    base: Context | None = None
    begun = 0
    children: list[Child] = []  # noqa: RUF012 - replaced, never filled
    container: Any = None
    error: GraphQLError | None = None
    has_ended = False
    has_learned = False
    is_foreign = False
    parent: Child | None = None
    remaining = 0

    def __init__(self, path: LightPath | None) -> None:
        self.path = path
        self.places: list[Place] = []
        self.pendings: list[Any] = []

    def add(self, key: str | int, position: Position, pending: Work | Group) -> Any:
        """Opens a place; returns what stands in it meanwhile."""
        if type(pending) is Group:
            self.places.append((key, position, None))
            self.pendings.append(pending)
            self.is_foreign = self.is_foreign or pending.is_foreign
            return pending.container
        assert type(pending) is Work, "only work and groups are pending"
        self.places.append((key, position, pending.then))
        self.pendings.append(pending.awaitable)
        self.is_foreign = True
        return None

    def child(self, index: int) -> Child:
        """Returns the place as one that must be kept track of."""
        child = Child(self, self.places[index], self.pendings[index])
        if type(child.pending) is Group:
            child.pending.parent = child
        if not self.children:
            self.children = [child]
        else:
            self.children.append(child)
        return child


PENDING = frozenset({Work, Group})
