"""The API schema: the supergraph without federation machinery and without what is @inaccessible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
)

from router.errors import InvalidSupergraphError
from router.supergraph.links import link_name, linked_directive, links_of
from router.supergraph.model import EXECUTABLE_LOCATIONS

# Directives that stay on elements of the API schema, because clients and tools read them.
VISIBLE_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
# What the router itself offers to clients, whatever its subgraphs know of it.
DEFER = parse(
    '''
    """Delivers the fragment after the initial response, to clients that accept multipart/mixed."""
    directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    ''',
    no_location=True,
)


def build_api_schema(document: DocumentNode) -> GraphQLSchema:
    """Returns the schema clients see; raises InvalidSupergraphError when what is left is no schema."""
    stripper = _Stripper(
        _feature_names(document), linked_directive(document, "inaccessible") or "inaccessible"
    )
    hidden = frozenset(
        node.name.value
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode) and stripper.is_hidden(node)
    )
    stripped = [stripper.strip(node, hidden) for node in document.definitions]
    kept = [node for node in stripped if node is not None]
    if not any(isinstance(node, DirectiveDefinitionNode) and node.name.value == "defer" for node in kept):
        kept.extend(DEFER.definitions)
    try:
        return build_ast_schema(DocumentNode(definitions=tuple(kept)), assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        raise InvalidSupergraphError(f"The supergraph's API schema is not valid: {error}") from error


def _feature_names(document: DocumentNode) -> frozenset[str]:
    """Returns the names linked specs go by; their definitions are called NAME or NAME__something."""
    return frozenset(link_name(link) for link in links_of(document)) | {"link", "join"}


class _Stripper:
    """Removes what clients must not see, one definition at a time."""

    def __init__(self, features: frozenset[str], inaccessible: str) -> None:
        self._features = features
        self._inaccessible = inaccessible

    def is_hidden(self, node: Any) -> bool:
        """Whether the element is inaccessible, or is federation machinery."""
        if any(applied.name.value == self._inaccessible for applied in node.directives or ()):
            return True
        return isinstance(node, TypeDefinitionNode) and self._is_machinery(node.name.value)

    def _is_machinery(self, name: str) -> bool:
        return any(name.startswith(f"{feature}__") for feature in self._features)

    def strip(self, node: Any, hidden: frozenset[str]) -> Any:
        """Returns the definition as clients see it, or None when they don't."""
        if isinstance(node, SchemaDefinitionNode):
            roots = tuple(root for root in node.operation_types if root.type.name.value not in hidden)
            return replace(node, directives=(), operation_types=roots)
        if isinstance(node, DirectiveDefinitionNode):
            return node if self._is_executable(node) else None
        if not isinstance(node, TypeDefinitionNode) or node.name.value in hidden:
            return None
        node = self._without_directives(node)
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            interfaces = tuple(i for i in node.interfaces or () if i.name.value not in hidden)
            return replace(node, interfaces=interfaces, fields=self._fields(node.fields))
        if isinstance(node, UnionTypeDefinitionNode):
            return replace(node, types=tuple(t for t in node.types or () if t.name.value not in hidden))
        if isinstance(node, EnumTypeDefinitionNode):
            return replace(node, values=self._visible(node.values))
        if isinstance(node, InputObjectTypeDefinitionNode):
            return replace(node, fields=self._visible(node.fields))
        return node

    def _is_executable(self, node: DirectiveDefinitionNode) -> bool:
        name = node.name.value
        if name in self._features or self._is_machinery(name) or name in VISIBLE_DIRECTIVES:
            return False  # the built-in ones are part of every schema already
        return any(location.value in {at.value for at in EXECUTABLE_LOCATIONS} for location in node.locations)

    def _fields(self, fields: Any) -> tuple[Any, ...]:
        return tuple(replace(f, arguments=self._visible(f.arguments)) for f in self._visible(fields))

    def _visible(self, nodes: Any) -> tuple[Any, ...]:
        return tuple(self._without_directives(node) for node in nodes or () if not self.is_hidden(node))

    @staticmethod
    def _without_directives(node: Any) -> Any:
        kept = tuple(d for d in node.directives or () if d.name.value in VISIBLE_DIRECTIVES)
        return replace(node, directives=kept)
