"""Reads a supergraph SDL in the join spec into a `Supergraph`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from router.errors import InvalidSupergraphError
from router.supergraph.api_schema import build_api_schema
from router.supergraph.feeds.read import read_feeds
from router.supergraph.feeds.stand_in import stand_in_for_feeds
from router.supergraph.links import applications
from router.supergraph.model import (
    ContextArgument,
    FieldFacts,
    FieldJoin,
    Kind,
    Subgraph,
    Supergraph,
    TypeFacts,
    TypeJoin,
)
from router.supergraph.requirements import read_requirements

KINDS = {
    "object_type_definition": Kind.OBJECT,
    "interface_type_definition": Kind.INTERFACE,
    "union_type_definition": Kind.UNION,
    "enum_type_definition": Kind.ENUM,
    "scalar_type_definition": Kind.SCALAR,
    "input_object_type_definition": Kind.INPUT_OBJECT,
}


def load_supergraph(sdl: str) -> Supergraph:
    """Returns the supergraph of `sdl`; raises InvalidSupergraphError when it is not one."""
    try:
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise InvalidSupergraphError(f"The supergraph does not parse: {error.message}") from error
    reader = _Reader(_join_prefix(document), _definitions(document))
    subgraphs = reader.subgraphs()
    types = {
        node.name.value: reader.type_facts(node)
        for node in reader.definitions
        if not node.name.value.startswith((f"{reader.prefix}__", "link__"))
    }
    root_types = _root_types(document, types)
    if "query" not in root_types:
        raise InvalidSupergraphError("The supergraph has no query root type.")
    subscription = root_types.get("subscription", "")
    feeds = read_feeds(document, types, subscription)
    stand_in_for_feeds(feeds, subgraphs, types, subscription)
    supergraph = Supergraph(sdl, subgraphs, types, root_types, build_api_schema(document))
    return replace(supergraph, requirements=read_requirements(document, supergraph.possible_types))


def _definitions(document: DocumentNode) -> tuple[TypeDefinitionNode, ...]:
    return tuple(node for node in document.definitions if isinstance(node, TypeDefinitionNode))


def _join_prefix(document: DocumentNode) -> str:
    """Returns the name the join spec is linked under, "join" unless `@link(as:)` renames it."""
    for node in document.definitions:
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode)):
            for arguments in applications(node, "link"):
                if "/join/v" in str(arguments.get("url", "")):
                    return str(arguments.get("as") or "join")
    raise InvalidSupergraphError(
        "The document does not link the join spec (https://specs.apollo.dev/join): is it a supergraph?"
    )


def _root_types(document: DocumentNode, types: dict[str, TypeFacts]) -> dict[str, str]:
    named: dict[str, str] = {}
    for node in document.definitions:
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode)):
            for root in node.operation_types or ():
                named[root.operation.value] = root.type.name.value
    defaults = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
    for kind, name in defaults.items():
        if kind not in named and name in types:
            named[kind] = name
    return {kind: name for kind, name in named.items() if name in types}


def _named_type(node: TypeNode) -> NamedTypeNode:
    while isinstance(node, (NonNullTypeNode, ListTypeNode)):
        node = node.type
    assert isinstance(node, NamedTypeNode), "a type reference ends in a name"
    return node


def _is_list(node: TypeNode) -> bool:
    while isinstance(node, NonNullTypeNode):
        node = node.type
    return isinstance(node, ListTypeNode)


@dataclass(frozen=True)
class _Reader:
    """Turns definitions into facts; `prefix` is the name the join spec goes by in this document."""

    prefix: str
    definitions: tuple[TypeDefinitionNode, ...]

    def subgraphs(self) -> dict[str, Subgraph]:
        found: dict[str, Subgraph] = {}
        for node in self.definitions:
            if isinstance(node, EnumTypeDefinitionNode) and node.name.value == f"{self.prefix}__Graph":
                for value in node.values or ():
                    for arguments in applications(value, f"{self.prefix}__graph"):
                        name = value.name.value
                        found[name] = Subgraph(name, arguments["name"], arguments.get("url") or "")
        if not found:
            raise InvalidSupergraphError(f"The supergraph has no {self.prefix}__Graph enum of subgraphs.")
        return found

    def type_facts(self, node: TypeDefinitionNode) -> TypeFacts:
        joins = self._type_joins(node)
        fields: dict[str, FieldFacts] = {}
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            fields = {f.name.value: self._field_facts(f, joins) for f in node.fields or ()}
        return TypeFacts(
            node.name.value,
            KINDS[node.kind],
            joins,
            fields,
            self._by_graph(node, "implements", "interface", self._declared_interfaces(node), joins),
            self._by_graph(node, "unionMember", "member", self._declared_members(node), joins),
            frozenset(str(arguments["name"]) for arguments in applications(node, "context")),
        )

    def _type_joins(self, node: TypeDefinitionNode) -> dict[str, tuple[TypeJoin, ...]]:
        joins: dict[str, tuple[TypeJoin, ...]] = {}
        for arguments in applications(node, f"{self.prefix}__type"):
            join = TypeJoin(
                arguments.get("key"),
                bool(arguments.get("extension", False)),
                bool(arguments.get("resolvable", True)),
                bool(arguments.get("isInterfaceObject", False)),
            )
            joins[arguments["graph"]] = (*joins.get(arguments["graph"], ()), join)
        return joins

    def _field_facts(
        self, node: FieldDefinitionNode, type_joins: dict[str, tuple[TypeJoin, ...]]
    ) -> FieldFacts:
        declared = print_ast(node.type)
        applied = list(applications(node, f"{self.prefix}__field"))
        if applied:
            # An application without a graph marks a field that only an interface object resolves.
            joins = {a["graph"]: self._field_join(a, declared) for a in applied if a.get("graph")}
        else:
            joins = {graph: FieldJoin(declared) for graph in type_joins}
        return FieldFacts(
            node.name.value, declared, _named_type(node.type).name.value, joins, _is_list(node.type)
        )

    def _field_join(self, arguments: dict[str, Any], declared: str) -> FieldJoin:
        return FieldJoin(
            type=arguments.get("type") or declared,
            requires=arguments.get("requires"),
            provides=arguments.get("provides"),
            is_external=bool(arguments.get("external", False)),
            is_overridden=bool(arguments.get("usedOverridden", False)),
            override=arguments.get("override"),
            override_label=arguments.get("overrideLabel"),
            context_arguments=tuple(
                ContextArgument(c["context"], c["name"], c["type"], c["selection"])
                for c in arguments.get("contextArguments") or ()
            ),
        )

    def _by_graph(
        self,
        node: TypeDefinitionNode,
        directive: str,
        argument: str,
        declared: Iterable[str],
        joins: dict[str, tuple[TypeJoin, ...]],
    ) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for arguments in applications(node, f"{self.prefix}__{directive}"):
            found.setdefault(arguments["graph"], set()).add(arguments[argument])
        if not found:
            # Before join 0.3 the provenance was not written: every subgraph with the type has them all.
            found = {graph: set(declared) for graph in joins}
        return {graph: frozenset(names) for graph, names in found.items()}

    @staticmethod
    def _declared_interfaces(node: TypeDefinitionNode) -> tuple[str, ...]:
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            return tuple(interface.name.value for interface in node.interfaces or ())
        return ()

    @staticmethod
    def _declared_members(node: TypeDefinitionNode) -> tuple[str, ...]:
        if isinstance(node, UnionTypeDefinitionNode):
            return tuple(member.name.value for member in node.types or ())
        return ()
