"""DIRECTIVE_DEFINITION_INVALID: a subgraph that defines one of federation's directives gives it the specified
shape.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import ConstValueNode, DefinitionNode, DirectiveDefinitionNode, print_ast

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.locate import Locate
from router.composition.subgraph.names import DocumentNames
from router.composition.subgraph.type_ref import named_type, type_text
from router.federation.directives import DirectiveShape


def directive_definition_invalid(
    definitions: Sequence[DefinitionNode], names: DocumentNames, locate: Locate
) -> Iterator[Diagnostic]:
    """A subgraph that defines one of federation's directives gives it the specified shape."""
    for node in definitions:
        if isinstance(node, DirectiveDefinitionNode):
            shape = names.shapes.get(names.canonical(node.name.value))
            fault = _shape_fault(node, shape) if shape else None
            if fault:
                message = f'The directive "@{node.name.value}" is redefined: {fault}.'
                yield error("DIRECTIVE_DEFINITION_INVALID", message, [locate(node)])


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
