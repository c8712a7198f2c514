"""One execution under way: what its resolvers are given, and the errors it has met."""

from __future__ import annotations

import asyncio
from asyncio import get_running_loop
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import is_awaitable

from subgraphs.kit.execution.paths import LightPath, path_keys
from subgraphs.kit.execution.pending import Group, Work
from subgraphs.kit.execution.scheduler import Scheduler


class OperationStopped(BaseException):
    """The deadline passed while an operation ran; goes past every field to whoever runs the operation."""


@dataclass(slots=True)
class Request:
    """What one execution is given."""

    root: Any = None
    context: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    middleware: Any = None
    timeout_s: float | None = None
    extensions: Mapping[str, Any] | None = None


class Run:
    """The state of one execution."""

    __slots__ = (
        "_nulled",
        "_scheduler",
        "arguments",
        "context",
        "deadline",
        "errors",
        "extensions",
        "hide_suggestions",
        "middleware",
        "object_types",
        "operation",
        "root",
        "schema",
        "variable_values",
        "variants",
    )

    def __init__(self, operation: Any, request: Request, variable_values: Any) -> None:
        self.schema = operation.schema
        self.object_types = operation.object_types
        self.root = request.root
        self.context = request.context
        self.variable_values = variable_values
        self.hide_suggestions = operation.hide_suggestions
        self.arguments: dict[int, dict[str, Any]] = {}
        self.variants: dict[int, Any] = {}
        self.errors: list[GraphQLError] = []
        self.middleware = request.middleware
        self.deadline = None if request.timeout_s is None else monotonic() + request.timeout_s
        self._nulled: set[tuple[str | int, ...]] = set()
        self._scheduler: Scheduler | None = None
        self.operation = operation
        self.extensions = request.extensions

    def wrapped(self, resolve: Callable[..., Any]) -> Callable[..., Any]:
        """Returns the resolver within the request's middleware."""
        return self.middleware.get_field_resolver(resolve)

    def record(self, error: GraphQLError, path: LightPath | None) -> None:
        """Keeps the error, unless what it happened in has already been given up."""
        keys = tuple(path_keys(path))
        nulled = self._nulled
        if nulled and any(keys[:length] in nulled for length in range(len(keys) + 1)):
            return
        nulled.add(keys)
        self.errors.append(error)

    def check_deadline(self) -> None:
        """Stops the operation when its time is over."""
        if self.deadline is not None and monotonic() > self.deadline:
            raise OperationStopped

    def remaining_s(self) -> float | None:
        """Returns how long the operation may still take; None where there is no deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())

    def stopped(self) -> OperationStopped:
        """Returns what ends the operation at its deadline."""
        return OperationStopped()

    def scheduler(self) -> Scheduler:
        """Returns what runs the coroutines of this execution; needs a running loop."""
        if self._scheduler is None:
            self._scheduler = Scheduler(self, get_running_loop())
        return self._scheduler

    async def complete(self, group: Group) -> Any:
        """Returns what becomes of the group, as soon as a loop runs it."""
        await self.scheduler().complete(group)
        return group.container

    def abandon(self, group: Group, rest: Iterable[Any] = ()) -> None:
        """Lets what a failed object or list had begun run to its end beside the response, as graphql-core
        does.

        Without a running loop it can never run, and is closed.
        """
        with suppress(Exception):
            for index, each in enumerate(rest):
                if is_awaitable(each):
                    group.add(f"rest {index}", _NOWHERE, Work(each, _nothing))
        if not group.pendings:
            return
        try:
            get_running_loop()
        except RuntimeError:
            _close(group)
        else:
            self.scheduler().begin_background(group)


class _Nowhere:
    """The position of what no field asked for any more: nobody is told how it ends."""

    typename: str | None = None
    is_leaf = True

    def fail(self, run: Any, error: Exception, path: LightPath) -> None:
        """Forgets the error."""


_NOWHERE = _Nowhere()


def _nothing(*_: Any) -> None:
    return None


def _close(group: Group) -> None:
    for pending in group.pendings:
        if type(pending) is Group:
            _close(pending)
        elif asyncio.iscoroutine(pending):
            pending.close()
