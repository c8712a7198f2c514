"""Builds the model of a subgraph from its checked document: extensions folded in, names made canonical."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    InputValueDefinitionNode,
    NamedTypeNode,
    OperationType,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
)

from router.composition.source import SubgraphSource
from router.composition.subgraph.model import (
    Applied,
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Subgraph,
    TypeDefinition,
)
from router.composition.subgraph.names import DocumentNames
from router.composition.subgraph.type_ref import named_type, type_text, with_named_type
from router.federation.directives import BUILT_IN_SCALARS

ROOT_NAMES = {
    OperationType.QUERY: "Query",
    OperationType.MUTATION: "Mutation",
    OperationType.SUBSCRIPTION: "Subscription",
}

_KINDS = {
    "object": Kind.OBJECT,
    "interface": Kind.INTERFACE,
    "union": Kind.UNION,
    "enum": Kind.ENUM,
    "scalar": Kind.SCALAR,
    "input_object": Kind.INPUT,
}


def build_subgraph(
    source: SubgraphSource, definitions: list[DefinitionNode], names: DocumentNames, lines: tuple[str, ...]
) -> Subgraph:
    """Build the model; the root types take their standard names here and everywhere after."""
    builder = _Builder(names, _root_renames(definitions))
    for node in definitions:
        builder.add(node)
    return Subgraph(
        source=source,
        version=names.version,
        links=names.links,
        types=builder.types,
        directive_definitions=builder.directive_definitions,
        schema_directives=builder.schema_directives,
        lines=lines,
    )


def root_operation_types(definitions: Iterable[DefinitionNode]) -> dict[OperationType, NamedTypeNode]:
    """The named type nodes the document's schema definition and extensions give the operations."""
    return {
        operation.operation: operation.type
        for node in definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for operation in node.operation_types or ()
    }


def _root_renames(definitions: Iterable[DefinitionNode]) -> dict[str, str]:
    given = root_operation_types(definitions)
    renames = {named.name.value: ROOT_NAMES[kind] for kind, named in given.items()}
    return {name: standard for name, standard in renames.items() if name != standard}


class _Builder:
    """Collects the definitions of one document."""

    def __init__(self, names: DocumentNames, renames: dict[str, str]) -> None:
        self.names = names
        self.renames = renames
        self.types: dict[str, TypeDefinition] = {}
        self.directive_definitions: dict[str, DirectiveDefinition] = {}
        self.schema_directives: list[Applied] = []

    def add(self, node: DefinitionNode) -> None:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            self.schema_directives += self._directives(node.directives)
        elif isinstance(node, DirectiveDefinitionNode):
            self._add_directive(node)
        elif isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            name = node.name.value
            if not self.names.is_feature_type(name) and name not in BUILT_IN_SCALARS:
                self._add_type(node)

    def _add_directive(self, node: DirectiveDefinitionNode) -> None:
        name = self.names.canonical(node.name.value)
        if not name.startswith("@") or node.name.value in self.names.link_directives:
            return
        self.directive_definitions[node.name.value] = DirectiveDefinition(
            node.name.value,
            name,
            [],
            _text(node.description),
            node,
            self._inputs(name, node.arguments or ()),
            tuple(place.value for place in node.locations),
            node.repeatable,
        )

    def _add_type(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        name = self.renames.get(node.name.value, node.name.value)
        extends = isinstance(node, TypeExtensionNode)
        kind = _KINDS[node.kind.rpartition("_type_")[0]]
        definition = self.types.get(name)
        if definition is None:
            definition = TypeDefinition(name, name, [], None, node, kind, is_extension=True)
            self.types[name] = definition
        if not extends:
            definition.is_extension = False
            definition.node = node
            definition.description = _text(getattr(node, "description", None))
        definition.directives += self._directives(node.directives)
        self._add_members(definition, node)

    def _add_members(self, definition: TypeDefinition, node: Any) -> None:
        for interface in getattr(node, "interfaces", None) or ():
            definition.interfaces[interface.name.value] = interface
        for member in getattr(node, "types", None) or ():
            name: str = member.name.value
            definition.members[self.renames.get(name, name)] = member
        for value in getattr(node, "values", None) or ():
            name = value.name.value
            definition.values[name] = EnumValue(
                name,
                f"{definition.name}.{name}",
                self._directives(value.directives),
                _text(value.description),
                value,
            )
        fields = getattr(node, "fields", None) or ()
        if definition.kind is Kind.INPUT:
            definition.input_fields |= self._inputs(definition.name, fields, pattern="{0}.{1}")
        else:
            definition.fields |= {field.name.value: self._field(definition.name, field) for field in fields}

    def _field(self, parent: str, node: Any) -> Field:
        coordinate = f"{parent}.{node.name.value}"
        return Field(
            node.name.value,
            coordinate,
            self._directives(node.directives),
            _text(node.description),
            node,
            self._type(type_text(node.type)),
            parent,
            self._inputs(coordinate, node.arguments or ()),
        )

    def _inputs(
        self, owner: str, nodes: Iterable[InputValueDefinitionNode], pattern: str = "{0}({1}:)"
    ) -> dict[str, InputValue]:
        return {
            node.name.value: InputValue(
                node.name.value,
                pattern.format(owner, node.name.value),
                self._directives(node.directives),
                _text(node.description),
                node,
                type_text(node.type),
                node.default_value,
            )
            for node in nodes
        }

    def _type(self, reference: str) -> str:
        name = named_type(reference)
        return with_named_type(reference, self.renames[name]) if name in self.renames else reference

    def _directives(self, nodes: Iterable[ConstDirectiveNode] | None) -> list[Applied]:
        return [
            Applied(
                self.names.canonical(node.name.value),
                {argument.name.value: argument.value for argument in node.arguments or ()},
                node,
            )
            for node in nodes or ()
            if node.name.value not in self.names.link_directives
        ]


def _text(node: StringValueNode | None) -> str | None:
    return node.value if node is not None else None
