"""Checks a subgraph's SDL against the GraphQL specification itself: INVALID_GRAPHQL."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationDefinitionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.locate import Locate
from router.federation.directives import version_that_added

_DEFINITION_OF: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}

# What GraphQL asks of a whole schema and a subgraph need not have: the supergraph is checked for it instead.
_NOT_ASKED_OF_SUBGRAPHS = ("Query root type must be provided.",)


def check_graphql(
    own: list[DefinitionNode], added: list[DefinitionNode], locate: Locate
) -> Iterator[Diagnostic]:
    """Report every break of the GraphQL specification, with the definitions federation adds taken into
    account.
    """
    for node in own:
        if isinstance(node, OperationDefinitionNode) or node.kind == "fragment_definition":
            yield error("INVALID_GRAPHQL", "A schema document cannot hold operations.", [locate(node)])
            return
    if not any(isinstance(node, TypeDefinitionNode | TypeExtensionNode) for node in own):
        return
    document = DocumentNode(definitions=(*_based(own), *added))
    problems = validate_sdl(document)
    if not problems:
        try:
            schema = build_ast_schema(document, assume_valid_sdl=True)
            problems = validate_schema(schema)
        except (TypeError, GraphQLError) as failure:
            yield error("INVALID_GRAPHQL", f"{failure}")
            return
    for problem in problems:
        if problem.message not in _NOT_ASKED_OF_SUBGRAPHS:
            places = [locate(node) for node in problem.nodes or ()]
            yield error("INVALID_GRAPHQL", problem.message, places, _advice(problem.message))


def _based(definitions: list[DefinitionNode]) -> Iterator[DefinitionNode]:
    # A subgraph may extend a type that only others define; to GraphQL its first extension is the definition.
    defined = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    for node in definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            kind = _DEFINITION_OF[type(node)]
            parts = {key: getattr(node, key) for key in type(node).keys if key != "loc"}
            yield kind(**parts, loc=node.loc)
        else:
            yield node


def _advice(message: str) -> str | None:
    if not message.startswith("Unknown directive '@") and not message.startswith('Unknown directive "@'):
        return None
    name = message.split("@", 1)[1].rstrip("'\".")
    since = version_that_added(name.removeprefix("federation__"))
    if since is None:
        return None
    return (
        f"If Federation's directive is meant, import it, from version {since[0]}.{since[1]} or later: extend "
        f'schema @link(url: "https://specs.apollo.dev/federation/v{since[0]}.{since[1]}", import: [..., '
        f'"@{name}"]).'
    )
