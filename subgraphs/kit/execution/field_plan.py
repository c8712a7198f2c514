"""One field of an object type in one operation: how it is resolved, completed, and how it fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    located_error,
)
from graphql.pyutils import is_awaitable

from subgraphs.kit.execution.arguments import Arguments
from subgraphs.kit.execution.classes import learn
from subgraphs.kit.execution.completion import check_type, completion_of
from subgraphs.kit.execution.paths import LightPath, path_keys
from subgraphs.kit.execution.pending import PENDING, Group, Work
from subgraphs.kit.execution.resolution import Call, Constant, Property


class FieldPlan:
    """What generated code knows of a field; also the position at which its errors end or pass."""

    def __init__(
        self,
        compilation: Any,
        key: str,
        nodes: Sequence[FieldNode],
        parent: GraphQLObjectType,
        field: GraphQLField,
    ) -> None:
        self.key = key
        self.typename: str | None = parent.name
        self.is_leaf: bool = is_leaf_type(field.type.of_type if is_non_null_type(field.type) else field.type)
        self.name = nodes[0].name.value
        self.nodes = list(nodes)
        self.parent = parent
        self.return_type = field.type
        self.non_null = is_non_null_type(field.type)
        self.binding = compilation.binding
        self.resolution = compilation.resolution_of(self.name, field, parent)
        self.arguments = self._arguments(compilation, field)
        self.info_class = compilation.binding.info_class()
        self.selection = (
            compilation.selection(self.nodes, get_named_type(field.type))
            if is_composite_type(get_named_type(field.type))
            else None
        )
        self.asked: frozenset[str] | None = None
        """What is asked below the field, once a resolver wanted to know."""
        self._sure: dict[str, Any] = {}
        self.item: ItemPosition = ItemPosition(self.nodes, field.type)
        self.complete = completion_of(field.type, self)

    def _arguments(self, compilation: Any, field: GraphQLField) -> Arguments | None:
        if isinstance(self.resolution, Constant) or not (field.args or self.nodes[0].arguments):
            return None
        convert = self.resolution.convert if isinstance(self.resolution, Call) else None
        return Arguments(field, self.nodes[0], convert, compilation.next_index())

    def info(self, run: Any, path: LightPath) -> GraphQLResolveInfo:
        """Returns graphql-core's info of the field at this path."""
        return tuple.__new__(self.info_class, (run, self, path[0]))

    def keywords(self, run: Any) -> dict[str, Any]:
        """Returns the keywords for the resolver; raises when the arguments do not fit."""
        if self.arguments is None:
            return {}
        known = self.arguments.constant
        if known is None:
            known = run.arguments.get(self.arguments.index)
        return self.arguments(run) if known is None else known

    def settle(self, run: Any, value: Any, path: LightPath) -> Any:
        """Completes what the resolver answered, whatever it is; may answer with pending work."""
        if isinstance(self.resolution, Property) and callable(value):
            value = value(self.info(run, path), **self.keywords(run))
        if is_awaitable(value):
            return Work(value, self.complete)
        learn(value)
        return self.complete(run, value, path)

    def careful(
        self, run: Any, value: Any, path: LightPath | None, group: Group | None
    ) -> tuple[Any, Group | None]:
        """Completes whatever the resolver answered; returns what stands in its place, and the group."""
        completed = self.settle(run, value, (path, self.key, self.typename))
        return self.placed(completed, path, group) if type(completed) in PENDING else (completed, group)

    def placed(self, pending: Any, path: LightPath | None, group: Group | None) -> tuple[Any, Group]:
        """Opens the field's place in the group of its object, which is made for the first of them."""
        if group is None:
            group = Group(path)
        return group.add(self.key, self, pending), group

    def failed(self, run: Any, path: LightPath | None) -> None:
        """Fails the field for the error that is being handled."""
        error = sys.exc_info()[1]
        assert isinstance(error, Exception), "called where one is handled"
        self.fail(run, error, (path, self.key, self.typename))

    def sure_of(self, object_type: GraphQLObjectType) -> Any:
        """Returns what spares asking `is_type_of`, if there is such a thing; found once for each type."""
        name = object_type.name
        if name not in self._sure:
            self._sure[name] = self.binding.is_surely(object_type)
        return self._sure[name]

    def check_type(self, object_type: GraphQLObjectType, run: Any, value: Any, path: LightPath) -> Any:
        """Completes an object after asking its type whether it is one of it."""
        return check_type(object_type, self, run, value, path)

    def fail(self, run: Any, error: Exception, path: LightPath) -> None:
        """Records the error and leaves null, or raises it located when the field may not be null."""
        located = located_error(error, self.nodes, path_keys(path))
        if self.non_null:
            raise located
        run.record(located, path)


class ItemPosition:
    """The items of a list: where their errors end or pass; `item` are the items of a list within it."""

    def __init__(self, nodes: list[FieldNode], list_type: Any) -> None:
        self.typename: str | None = None
        self.is_leaf = False
        self.nodes = nodes
        inner = list_type.of_type if is_non_null_type(list_type) else list_type
        item_type = inner.of_type if is_list_type(inner) else None
        self.non_null = item_type is not None and is_non_null_type(item_type)
        self._sure: dict[str, Any] = {}
        self.item: ItemPosition | None = ItemPosition(nodes, item_type) if item_type is not None else None

    def fail(self, run: Any, error: Exception, path: LightPath) -> None:
        """Records the error and leaves null, or raises it located when the item may not be null."""
        located = located_error(error, self.nodes, path_keys(path))
        if self.non_null:
            raise located
        run.record(located, path)
