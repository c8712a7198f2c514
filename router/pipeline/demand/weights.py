"""The weights of a supergraph: what its @cost and @listSize say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    parse,
    value_from_ast_untyped,
)

from router.federation.link import parse_link
from router.supergraph import Supergraph

_IDENTITY = "/cost"
_WEIGHED = (
    ObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    EnumTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
)

Coordinate = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListSize:
    """One @listSize."""

    assumed_size: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    sized_fields: frozenset[str] = frozenset()
    requires_one: bool = True


@dataclass(slots=True)
class Weights:
    """By coordinate: (type,), (type, field), (type, field, argument)."""

    costs: dict[Coordinate, int] = field(default_factory=dict)
    list_sizes: dict[Coordinate, ListSize] = field(default_factory=dict)


def read_weights(supergraph: Supergraph) -> Weights:
    """Returns what the supergraph says; an element without a weight is not in it."""
    document = parse(supergraph.sdl, no_location=True)
    cost, list_size = "cost", "listSize"
    for node in document.definitions:
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode)):
            for applied in node.directives or ():
                link = parse_link(applied) if applied.name.value == "link" else None
                if link is not None and link.url.identity.endswith(_IDENTITY):
                    cost, list_size = link.local_name("@cost"), link.local_name("@listSize")
    weights = Weights()
    reader = _Reader(weights, cost.lstrip("@"), list_size.lstrip("@"))
    for node in document.definitions:
        if isinstance(node, _WEIGHED):
            reader.read_type(node)
    return weights


@dataclass(frozen=True, slots=True)
class _Reader:
    weights: Weights
    cost_name: str
    list_size_name: str

    def read_type(self, node: Any) -> None:
        name = node.name.value
        self._read(node, (name,))
        for each in getattr(node, "fields", None) or ():
            self._read(each, (name, each.name.value))
            for argument in getattr(each, "arguments", None) or ():
                self._read(argument, (name, each.name.value, argument.name.value))

    def _read(self, node: Any, at: Coordinate) -> None:
        for name, arguments in _applications(node):
            if name == self.cost_name:
                self.weights.costs[at] = _whole(arguments.get("weight"))
            elif name == self.list_size_name:
                assumed = arguments.get("assumedSize")
                self.weights.list_sizes[at] = ListSize(
                    None if assumed is None else _whole(assumed),
                    tuple(arguments.get("slicingArguments") or ()),
                    frozenset(arguments.get("sizedFields") or ()),
                    arguments.get("requireOneSlicingArgument") is not False,
                )


def _applications(node: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for applied in node.directives or ():
        arguments = {one.name.value: value_from_ast_untyped(one.value) for one in applied.arguments or ()}
        yield applied.name.value, arguments


def _whole(value: Any) -> int:
    """Returns a weight as a number; the IBM specification writes it as a string."""
    try:
        return round(float(value))
    except (TypeError, ValueError, OverflowError):
        return 0
