"""What the supergraph says of caching: @cacheControl, @cacheTag and @cacheInvalidate, by subgraph.

Our composer carries them as `@join__directive(graphs:, name:, args:)`, which keeps whose word each is. Where
another composer merged them as composed directives, they hold for every subgraph that has the element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    parse,
    value_from_ast_untyped,
)

from router.cache.formats import Format
from router.cache.policy import Scope
from router.federation.caching import CACHE_CONTROL, CACHE_IDENTITY, CACHE_INVALIDATE, CACHE_TAG, CARRIED
from router.supergraph import Supergraph

Place = tuple[str, str]  # a type and a field; "" for the type itself


@dataclass(frozen=True, slots=True)
class Hint:
    """One @cacheControl."""

    max_age_s: float | None = None
    scope: Scope | None = None
    inherits: bool = False


@dataclass(frozen=True, slots=True)
class InvalidationRule:
    """One @cacheInvalidate; `key` maps the paths of key fields to their formats."""

    type: str | None = None
    key: tuple[tuple[str, Format], ...] = ()
    tag: Format | None = None


@dataclass(slots=True)
class SubgraphDeclarations:
    """What one subgraph says, by place."""

    hints: dict[Place, Hint] = field(default_factory=dict)
    tags: dict[Place, tuple[Format, ...]] = field(default_factory=dict)
    rules: dict[Place, tuple[InvalidationRule, ...]] = field(default_factory=dict)


def read_declarations(supergraph: Supergraph) -> dict[str, SubgraphDeclarations]:
    """Returns what each subgraph says, by its id in the supergraph; all of them, also the silent ones."""
    found = {graph: SubgraphDeclarations() for graph in supergraph.subgraphs}
    # Most supergraphs say nothing of caching, and parsing a large one a second time takes a while.
    if any(name in supergraph.sdl for name in CARRIED):
        _Reader(supergraph, found).read(parse(supergraph.sdl, no_location=True))
    return found


class _Reader:
    """Reads the applications of one document into `found`."""

    def __init__(self, supergraph: Supergraph, found: dict[str, SubgraphDeclarations]) -> None:
        self._supergraph = supergraph
        self._found = found
        self._composed: dict[str, str] = {}
        self._join_directive = "join__directive"

    def read(self, document: DocumentNode) -> None:
        for node in document.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                self._read_links(node)
        for node in document.definitions:
            if isinstance(node, TypeDefinitionNode):
                self._read_element(node, node.name.value, "")
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                for child in node.fields or ():
                    self._read_element(child, node.name.value, child.name.value)

    def _read_links(self, node: SchemaDefinitionNode | SchemaExtensionNode) -> None:
        """Finds out the names that the join spec and the composed directives of ours go by."""
        for applied in node.directives or ():
            arguments = _arguments(applied)
            url = str(arguments.get("url", ""))
            if applied.name.value != "link":
                continue
            if "/join/v" in url and arguments.get("as"):
                self._join_directive = f"{arguments['as']}__directive"
            if url.startswith(f"{CACHE_IDENTITY}/"):
                for imported in arguments.get("import") or ():
                    name = imported if isinstance(imported, str) else imported["name"]
                    alias = name if isinstance(imported, str) else imported.get("as") or name
                    self._composed[alias.removeprefix("@")] = name.removeprefix("@")

    def _read_element(self, node: Any, type_name: str, field_name: str) -> None:
        carried: set[str] = set()
        for applied in node.directives or ():
            if applied.name.value == self._join_directive:
                arguments = _arguments(applied)
                # federation__cacheTag is how @cacheTag is carried, whoever composed.
                name = str(arguments.get("name", "")).rpartition("__")[2]
                if name in CARRIED:
                    carried.add(name)
                    for graph in arguments.get("graphs") or ():
                        self._add(graph, name, (type_name, field_name), arguments.get("args") or {})
        for applied in node.directives or ():
            name = self._composed.get(applied.name.value)
            if name in CARRIED and name not in carried:
                for graph in self._graphs_with(type_name, field_name):
                    self._add(graph, name, (type_name, field_name), _arguments(applied))

    def _graphs_with(self, type_name: str, field_name: str) -> Iterator[str]:
        facts = self._supergraph.types.get(type_name)
        if facts is not None:
            yield from facts.fields[field_name].joins if field_name in facts.fields else facts.joins

    def _add(self, graph: str, name: str, place: Place, arguments: Mapping[str, Any]) -> None:
        declared = self._found.get(graph)
        if declared is None:
            return
        if name == CACHE_CONTROL:
            declared.hints[place] = _hint(arguments)
        elif name == CACHE_TAG and isinstance(arguments.get("format"), str):
            tag = Format.parse(arguments["format"])
            declared.tags[place] = (*declared.tags.get(place, ()), tag)
        elif name == CACHE_INVALIDATE:
            declared.rules[place] = (*declared.rules.get(place, ()), _rule(arguments))


def _arguments(applied: Any) -> dict[str, Any]:
    return {a.name.value: value_from_ast_untyped(a.value) for a in applied.arguments or ()}


def _hint(arguments: Mapping[str, Any]) -> Hint:
    age, scope = arguments.get("maxAge"), arguments.get("scope")
    return Hint(
        max(float(age), 0.0) if isinstance(age, int | float) else None,
        Scope.PRIVATE if scope == "PRIVATE" else Scope.PUBLIC if scope == "PUBLIC" else None,
        bool(arguments.get("inheritMaxAge")),
    )


def _rule(arguments: Mapping[str, Any]) -> InvalidationRule:
    type_name, key, tag = arguments.get("type"), arguments.get("key"), arguments.get("tag")
    return InvalidationRule(
        type_name if isinstance(type_name, str) else None,
        tuple(_key_fields(key)) if isinstance(key, str) else (),
        Format.parse(tag) if isinstance(tag, str) else None,
    )


def _key_fields(text: str) -> Iterator[tuple[str, Format]]:
    """Yields the fields of a key: `id: {$args.id}, shop.id: {$args.shop}`."""
    for part in text.split(","):
        name, separator, value = part.partition(":")
        if separator:
            yield name.strip(), Format.parse(value.strip())
