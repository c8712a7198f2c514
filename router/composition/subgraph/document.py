"""Prepares a parsed document: machinery stripped, missing definitions added, given ones checked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from graphql import (
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
    print_ast,
)

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import Locate
from router.composition.subgraph.names import DocumentNames
from router.composition.subgraph.type_ref import named_type, type_text
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
    available = _definitions(names.version, _name_key(names))
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


def _print_shape(shape: DirectiveShape, local: dict[str, str]) -> str:
    arguments = ", ".join(
        f"{name}: {type_.format_map(local)}" + (f" = {default}" if default else "")
        for name, type_, default in shape.arguments
    )
    repeatable = " repeatable" if shape.repeatable else ""
    body = f"({arguments})" if arguments else ""
    return f"directive @{local[shape.name]}{body}{repeatable} on {' | '.join(shape.places)}"


def check_given_definitions(
    definitions: list[DefinitionNode], names: DocumentNames, locate: Locate
) -> Iterator[Diagnostic]:
    """Refuse definitions of federation's own directives and scalars of another shape than specified."""
    for node in definitions:
        if isinstance(node, DirectiveDefinitionNode):
            shape = names.shapes.get(names.canonical(node.name.value))
            fault = _shape_fault(node, shape) if shape else None
            if fault:
                message = f'The directive "@{node.name.value}" is redefined: {fault}.'
                yield error("DIRECTIVE_DEFINITION_INVALID", message, [locate(node)])
        elif (
            isinstance(node, TypeDefinitionNode)
            and not isinstance(node, ScalarTypeDefinitionNode)
            and node.name.value in names.feature_scalars
        ):
            message = f'"{node.name.value}" is redefined, but the specification makes it a scalar.'
            yield error("TYPE_DEFINITION_INVALID", message, [locate(node)])


def _shape_fault(node: DirectiveDefinitionNode, shape: DirectiveShape) -> str | None:
    given = {argument.name.value: argument for argument in node.arguments or ()}
    specified = {name: (type_, default) for name, type_, default in shape.arguments}
    for name, (type_, default) in specified.items():
        if name not in given:
            if type_.endswith("!"):
                return f'the argument "{name}" is missing'
            continue
        fault = _argument_fault(type_text(given[name].type), type_, default, given[name].default_value)
        if fault:
            return f'the argument "{name}" {fault}'
    unknown = next((name for name in given if name not in specified), None)
    if unknown is not None:
        return f'the argument "{unknown}" is not specified'
    places = {place.value for place in node.locations} - set(shape.places)
    if places:
        return f"{', '.join(sorted(places))} is no specified location"
    if node.repeatable and not shape.repeatable:
        return "it is not repeatable"
    return None


def _argument_fault(
    given: str, specified: str, default: str | None, given_default: ConstValueNode | None
) -> str | None:
    federation_type = "{" in specified
    # The scalar's name is the document's affair, and Federation 1 servers write String or leave `!` out.
    expected = specified.replace("{", "").replace("}", "")
    same = given.strip("!") == expected.strip("!")
    if federation_type:
        same = given.count("[") == expected.count("[")
    elif named_type(given) != named_type(expected):
        same = False
    if not same:
        return f"has the type {given} where {expected} is specified"
    if given_default is not None and print_ast(given_default) != (default or "null"):
        return f"has another default value than {default}"
    return None
