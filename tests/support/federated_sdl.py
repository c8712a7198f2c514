"""Reads a subgraph SDL for the test subgraphs, apart from the router's own composition.

The oracle must not share the reading of keys and requirements with what it judges, so this file reads
directives by itself: federation 1 (no @link) and federation 2 (@link with imports, renames, namespaces).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_ast_schema,
    parse,
    value_from_ast_untyped,
)
from graphql.language import ast

DEFINITION_OF_EXTENSION: dict[type[ast.Node], type[ast.TypeDefinitionNode]] = {
    ast.ObjectTypeExtensionNode: ast.ObjectTypeDefinitionNode,
    ast.InterfaceTypeExtensionNode: ast.InterfaceTypeDefinitionNode,
    ast.UnionTypeExtensionNode: ast.UnionTypeDefinitionNode,
    ast.EnumTypeExtensionNode: ast.EnumTypeDefinitionNode,
    ast.InputObjectTypeExtensionNode: ast.InputObjectTypeDefinitionNode,
    ast.ScalarTypeExtensionNode: ast.ScalarTypeDefinitionNode,
}
MEMBERS = ("fields", "types", "values", "interfaces", "directives")
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
Composite = (ast.ObjectTypeDefinitionNode, ast.InterfaceTypeDefinitionNode)


def selection(text: str) -> ast.SelectionSetNode:
    """Parses a field set."""
    definition = parse(text if text.lstrip().startswith("{") else f"{{{text}}}").definitions[0]
    assert isinstance(definition, ast.OperationDefinitionNode)
    return definition.selection_set


@dataclass(frozen=True, slots=True)
class EntityKey:
    """One @key of a type in one subgraph."""

    fields: ast.SelectionSetNode
    resolvable: bool


@dataclass(slots=True)
class FieldRules:
    """What the federation directives of one field in one subgraph say."""

    requires: ast.SelectionSetNode | None = None
    provides: ast.SelectionSetNode | None = None
    external: bool = False
    override_from: str | None = None


@dataclass(slots=True)
class SubgraphDocument:
    """One subgraph, read: an executable schema with `_service` and `_entities`, and its federation rules."""

    name: str
    sdl: str
    schema: GraphQLSchema
    roots: dict[str, str]  # the subgraph's name of a root type -> Query, Mutation or Subscription
    keys: dict[str, list[EntityKey]] = field(default_factory=lambda: defaultdict(list))
    rules: dict[tuple[str, str], FieldRules] = field(default_factory=dict)
    interface_objects: set[str] = field(default_factory=set)

    def output_field(self, type_name: str, field_name: str) -> GraphQLField | None:
        """Returns the executable field, None where the subgraph has no such field."""
        type_ = self.schema.get_type(type_name)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            return type_.fields.get(field_name)
        return None

    def rules_of(self, type_name: str, field_name: str) -> FieldRules:
        """Returns the federation rules of a field; empty rules where nothing is said."""
        return self.rules.get((type_name, field_name)) or FieldRules()

    def concrete_names(self, abstract_name: str) -> set[str]:
        """Returns the object types an interface or union of this subgraph may be; empty for other types."""
        type_ = self.schema.get_type(abstract_name)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return {each.name for each in self.schema.get_possible_types(type_)}
        return set()


def read_subgraph(name: str, sdl: str) -> SubgraphDocument:
    """Reads one subgraph SDL."""
    definitions = parse(sdl).definitions
    types = folded_types(definitions)
    canonical = directive_names(definitions)
    roots = root_names(definitions, types)
    document = SubgraphDocument(name, sdl, executable_schema(types, canonical, roots), roots)
    for node in types.values():
        read_type_rules(document, node, canonical)
    return document


def folded_types(definitions: Iterable[ast.Node]) -> dict[str, ast.TypeDefinitionNode]:
    """Returns the type definitions by name, extensions folded in; an extension alone counts as definition."""
    types: dict[str, ast.TypeDefinitionNode] = {}
    for node in definitions:
        as_definition = DEFINITION_OF_EXTENSION.get(type(node))
        if as_definition is not None:
            node = as_definition(**{key: getattr(node, key) for key in node.keys})
        if not isinstance(node, ast.TypeDefinitionNode):
            continue
        name = node.name.value
        types[name] = with_members(types[name], node) if name in types else node
    return types


def with_members(base: ast.TypeDefinitionNode, extension: ast.TypeDefinitionNode) -> ast.TypeDefinitionNode:
    """Returns `base` with the members of `extension` added; nodes are frozen."""
    return replace(
        base,
        **{
            part: tuple(getattr(base, part) or ()) + tuple(getattr(extension, part) or ())
            for part in MEMBERS
            if hasattr(base, part)
        },
    )


def root_names(definitions: Iterable[ast.Node], types: dict[str, ast.TypeDefinitionNode]) -> dict[str, str]:
    """Returns the root types by the subgraph's own names, with Query always among them."""
    found = {name: name for name in ROOTS.values() if name in types}
    for node in definitions:
        if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            for operation in node.operation_types or ():
                canonical = ROOTS[operation.operation.value]
                found = {own: root for own, root in found.items() if root != canonical}
                found[operation.type.name.value] = canonical
    return found if "Query" in found.values() else {**found, "Query": "Query"}


def arguments_of(directive: ast.DirectiveNode) -> dict[str, Any]:
    """Returns the literal arguments of a directive."""
    return {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}


def directive_names(definitions: Iterable[ast.Node]) -> dict[str, str]:
    """Returns the federation directive each local name stands for, after the document's @link."""
    names: dict[str, str] = {}
    for node in definitions:
        if not isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            continue
        for directive in node.directives or ():
            arguments = arguments_of(directive)
            if "specs.apollo.dev/federation/" not in str(arguments.get("url", "")):
                continue
            names["*"] = arguments.get("as") or "federation"
            for imported in arguments.get("import") or ():
                entry = imported if isinstance(imported, dict) else {"name": imported}
                names[str(entry.get("as") or entry["name"]).lstrip("@")] = entry["name"].lstrip("@")
    return names


def canonical_name(directive: ast.DirectiveNode, names: dict[str, str]) -> str:
    """Returns the federation name of a directive; without @link (federation 1) names are what they say."""
    name = directive.name.value
    if not names:
        return name
    prefix = f"{names['*']}__"
    return name.removeprefix(prefix) if name.startswith(prefix) else names.get(name, "")


def executable_schema(
    types: dict[str, ast.TypeDefinitionNode], names: dict[str, str], roots: dict[str, str]
) -> GraphQLSchema:
    """Builds the schema a subgraph server really has."""
    entities = [
        name
        for name, node in types.items()
        if isinstance(node, ast.ObjectTypeDefinitionNode)
        and any(canonical_name(directive, names) == "key" for directive in node.directives or ())
    ]
    query_name = next(own for own, root in roots.items() if root == "Query")
    text = "scalar _Any\ntype _Service { sdl: String! }\n"
    if entities:
        text += f"union _Entity = {' | '.join(entities)}\n"
    lookup = "_entities(representations: [_Any!]!): [_Entity]!" if entities else ""
    text += f"type {query_name} {{ _service: _Service! {lookup} }}\nschema {{ "
    text += " ".join(f"{root.lower()}: {own}" for own, root in roots.items()) + " }"
    *added, query, schema_node = parse(text).definitions
    assert isinstance(query, ast.TypeDefinitionNode)
    # The subgraph's own fields come first, so that a printed schema begins with what the SDL says.
    query = with_members(types[query_name], query) if query_name in types else query
    plain = [node for name, node in types.items() if name != query_name]
    document = ast.DocumentNode(definitions=(schema_node, query, *plain, *added))
    return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)


def read_type_rules(document: SubgraphDocument, node: ast.TypeDefinitionNode, names: dict[str, str]) -> None:
    """Reads the federation directives of a type and of its fields into the document."""
    type_name, type_is_external = node.name.value, False
    for directive in node.directives or ():
        kind, arguments = canonical_name(directive, names), arguments_of(directive)
        if kind == "key":
            key = EntityKey(selection(arguments["fields"]), arguments.get("resolvable", True))
            document.keys[type_name].append(key)
        elif kind == "interfaceObject":
            document.interface_objects.add(type_name)
        elif kind == "external":
            type_is_external = True
    for each in (node.fields or ()) if isinstance(node, Composite) else ():
        rules = field_rules(each, names)
        rules.external = rules.external or type_is_external
        document.rules[type_name, each.name.value] = rules


def field_rules(node: ast.FieldDefinitionNode, names: dict[str, str]) -> FieldRules:
    """Reads the federation directives of one field."""
    rules = FieldRules()
    for directive in node.directives or ():
        kind, arguments = canonical_name(directive, names), arguments_of(directive)
        if kind == "requires":
            rules.requires = selection(arguments["fields"])
        elif kind == "provides":
            rules.provides = selection(arguments["fields"])
        elif kind == "external":
            rules.external = True
        elif kind == "override" and "label" not in arguments:
            # With a label both subgraphs answer: which one is asked is the request's luck.
            rules.override_from = arguments["from"]
    return rules
