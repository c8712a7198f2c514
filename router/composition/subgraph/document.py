"""Prepares a parsed document: machinery stripped, missing definitions added."""

from __future__ import annotations

from functools import lru_cache

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
)

from router.composition.subgraph.names import DocumentNames
from router.federation.caching import CACHE_CONTROL, CACHE_INVALIDATE, CACHE_TAG, DEFINITIONS, SCOPE_TYPE
from router.federation.directives import MACHINERY_FIELDS, MACHINERY_TYPES, DirectiveShape

_LINK_DEFINITIONS = """
directive @{link}(url: String, as: String, for: {prefix}__Purpose, import: [{prefix}__Import]) \
repeatable on SCHEMA
scalar {prefix}__Import
enum {prefix}__Purpose {{ SECURITY EXECUTION }}
"""


def strip_machinery(document: DocumentNode) -> list[DefinitionNode]:
    """The document's definitions without `_entities`, `_service` and their types."""
    kept = []
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in MACHINERY_TYPES:
            continue
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            node = _without_machinery_fields(node)
            if node is None:
                continue
        kept.append(node)
    return kept


def _without_machinery_fields(
    node: ObjectTypeDefinitionNode | ObjectTypeExtensionNode,
) -> ObjectTypeDefinitionNode | ObjectTypeExtensionNode | None:
    fields = node.fields or ()
    own = tuple(field for field in fields if field.name.value not in MACHINERY_FIELDS)
    if len(own) == len(fields):
        return node
    if not own and not node.directives:
        return None
    return type(node)(
        name=node.name,
        directives=node.directives,
        interfaces=node.interfaces,
        fields=own,
        loc=node.loc,
        **({"description": node.description} if isinstance(node, ObjectTypeDefinitionNode) else {}),
    )


def missing_definitions(definitions: list[DefinitionNode], names: DocumentNames) -> list[DefinitionNode]:
    """The definitions of linked specifications that the document leaves out."""
    directives = {node.name.value for node in definitions if isinstance(node, DirectiveDefinitionNode)}
    types = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    available = (*_definitions(names.version, _name_key(names)), *_cache_definitions(names))
    return [
        node
        for node in available
        if node.name.value not in (directives if isinstance(node, DirectiveDefinitionNode) else types)
    ]


def _name_key(names: DocumentNames) -> tuple[tuple[str, str], ...]:
    directives = [(shape, names.local_directive(shape)) for shape in names.shapes]
    scalars = [(scalar, names.local_scalar(scalar)) for scalar in ("FieldSet", "Scope", "Policy")]
    links = [("@", link) for link in sorted(names.link_directives)]
    return (*directives, *scalars, ("ContextFieldValue", names.local_scalar("ContextFieldValue")), *links)


@lru_cache(maxsize=256)
def _definitions(
    version: tuple[int, int], names: tuple[tuple[str, str], ...]
) -> tuple[DirectiveDefinitionNode | TypeDefinitionNode, ...]:
    # Most subgraphs of a graph link the same version with the same names: parsed once for all of them.
    shapes = DocumentNames((), version).shapes
    local = dict(names)
    lines = [_print_shape(shape, local) for shape in shapes.values()]
    lines += [f"scalar {local[name]}" for name in ("FieldSet", "Scope", "Policy", "ContextFieldValue")]
    lines += [_LINK_DEFINITIONS.format(link=alias, prefix=alias) for mark, alias in names if mark == "@"]
    document = parse("\n".join(lines), no_location=True)
    return tuple(
        node
        for node in document.definitions
        if isinstance(node, DirectiveDefinitionNode | TypeDefinitionNode)
    )


def _cache_definitions(names: DocumentNames) -> tuple[DirectiveDefinitionNode | TypeDefinitionNode, ...]:
    link = names.cache_link
    if link is None:
        return ()
    local = [
        link.local_name(element) for element in (f"@{CACHE_CONTROL}", f"@{CACHE_INVALIDATE}", f"@{CACHE_TAG}")
    ]
    return _parse_cache_definitions(tuple(name[1:] for name in local), link.local_name(SCOPE_TYPE))


@lru_cache(maxsize=64)
def _parse_cache_definitions(
    directives: tuple[str, ...], scope: str
) -> tuple[DirectiveDefinitionNode | TypeDefinitionNode, ...]:
    control, invalidate, tag = directives
    text = DEFINITIONS.format(control=control, invalidate=invalidate, tag=tag, scope=scope)
    return tuple(
        node
        for node in parse(text, no_location=True).definitions
        if isinstance(node, DirectiveDefinitionNode | TypeDefinitionNode)
    )


def _print_shape(shape: DirectiveShape, local: dict[str, str]) -> str:
    arguments = ", ".join(
        f"{name}: {type_.format_map(local)}" + (f" = {default}" if default else "")
        for name, type_, default in shape.arguments
    )
    repeatable = " repeatable" if shape.repeatable else ""
    body = f"({arguments})" if arguments else ""
    return f"directive @{local[shape.name]}{body}{repeatable} on {' | '.join(shape.places)}"
