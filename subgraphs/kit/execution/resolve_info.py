"""The `info` that resolvers receive: graphql-core's, with every part of it made when it is asked for.

Most resolvers look at one part or none, and a list of 1,000 objects makes 1,000 of them per field.
"""

from __future__ import annotations

from asyncio import Future, gather
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.pyutils import gather_with_cancel, is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers

from subgraphs.kit.execution.paths import full_path

_part = tuple.__getitem__
_abandoned: set[Future[Any]] = set()
"""What resolvers left to be awaited beside the response; kept until it is done."""


def track(values: Sequence[Any]) -> None:
    """Awaits what can be awaited among the values beside the response; resolvers have it as a helper."""
    awaitables = [value for value in values if is_awaitable(value)]
    if awaitables:
        future = gather(*awaitables, return_exceptions=True)
        _abandoned.add(future)
        future.add_done_callback(_abandoned.discard)


def _gather(values: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*values)


_HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=track)


_ResolveInfo: Any = GraphQLResolveInfo


class LazyInfo(_ResolveInfo):
    """Holds run, field plan and the light path of the object; behaves as the tuple it is a subclass of."""

    __slots__ = ()

    run = property(lambda self: _part(self, 0))
    plan = property(lambda self: _part(self, 1))
    field_name = property(lambda self: _part(self, 1).name)
    field_nodes = property(lambda self: _part(self, 1).nodes)
    return_type = property(lambda self: _part(self, 1).return_type)
    parent_type = property(lambda self: _part(self, 1).parent)
    path = property(lambda self: full_path((_part(self, 2), _part(self, 1).key, _part(self, 1).typename)))
    schema = property(lambda self: _part(self, 0).schema)
    fragments = property(lambda self: _part(self, 0).operation.fragments)
    root_value = property(lambda self: _part(self, 0).root)
    operation = property(lambda self: _part(self, 0).operation.definition)
    variable_values = property(lambda self: _part(self, 0).variable_values)
    context = property(lambda self: _part(self, 0).context)
    is_awaitable = property(lambda self: is_awaitable)
    abort_signal = property(lambda self: None)
    async_helpers = property(lambda self: _HELPERS)

    def whole(self) -> GraphQLResolveInfo:
        """Returns graphql-core's own info with all its parts."""
        return GraphQLResolveInfo(*(getattr(self, name) for name in GraphQLResolveInfo._fields))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(GraphQLResolveInfo._fields)

    def __getitem__(self, index: Any) -> Any:
        return self.whole()[index]

    def __eq__(self, other: object) -> bool:
        return self.whole() == other

    def __hash__(self) -> int:
        return hash(self.whole())

    def __repr__(self) -> str:
        return repr(self.whole())

    def _replace(self, **changes: Any) -> GraphQLResolveInfo:
        return self.whole()._replace(**changes)

    def _asdict(self) -> dict[str, Any]:
        return self.whole()._asdict()
