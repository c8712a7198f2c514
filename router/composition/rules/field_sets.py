"""What the rules of @key, @provides and @requires have in common: one check per way a field set can be
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import print_ast

from router.composition.diagnostics import Diagnostic, SourceLocation, error
from router.composition.subgraph.model import Field, FieldSetUse, Kind, SelectedField, Subgraph
from router.composition.subgraph.type_ref import named_type


def uses_of(subgraph: Subgraph, directive: str) -> Iterator[FieldSetUse]:
    """The field sets of one directive."""
    return (use for use in subgraph.field_sets if use.directive == directive)


def shown(use: FieldSetUse) -> str:
    """How a message quotes the directive."""
    argument = print_ast(use.applied.arguments["fields"]) if "fields" in use.applied.arguments else ""
    return f'@{use.directive}(fields: {argument}) on "{use.owner.coordinate}"'


def places(subgraph: Subgraph, use: FieldSetUse, *others: SelectedField) -> list[SourceLocation]:
    """The directive, and the definitions of the fields it is about."""
    return [subgraph.at(use.applied), *(subgraph.at(selected.field) for selected in others)]


def invalid_fields(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        if directive == "provides" and not _has_fields(subgraph, use):
            continue
        for problem in dict.fromkeys(use.problems):
            yield error(code, f"{shown(use)} cannot be used: {problem}.", places(subgraph, use))


def _has_fields(subgraph: Subgraph, use: FieldSetUse) -> bool:
    # Otherwise PROVIDES_ON_NON_OBJECT_FIELD says it better.
    base = subgraph.types.get(named_type(use.owner.type)) if isinstance(use.owner, Field) else None
    return base is not None and base.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)


def invalid_fields_type(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        if use.text is None:
            yield error(code, f"The argument of {shown(use)} is not a string.", places(subgraph, use))


def directive_in_fields(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        if use.has_directives:
            yield error(
                code, f"{shown(use)} applies a directive inside its field set.", places(subgraph, use)
            )


def unsupported_on_interface(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        if use.holder.kind is Kind.INTERFACE:
            yield error(code, f"{shown(use)}: an interface cannot carry it.", places(subgraph, use))


def fields_with_arguments(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        for selected in use.fields:
            if selected.field.arguments:
                message = f'{shown(use)} selects "{selected.field.coordinate}", which takes arguments.'
                yield error(code, message, places(subgraph, use, selected))


def missing_external(subgraph: Subgraph, directive: str, code: str) -> Iterator[Diagnostic]:
    for use in uses_of(subgraph, directive):
        for selected in use.fields:
            if selected.is_leaf and not _reaches_external(subgraph, selected):
                message = (
                    f'{shown(use)} selects "{selected.field.coordinate}", which is not marked @external '
                    "here, as another subgraph's field has to be."
                )
                yield error(code, message, places(subgraph, use, selected), _advice(subgraph, selected))


def _reaches_external(subgraph: Subgraph, selected: SelectedField) -> bool:
    current: SelectedField | None = selected
    while current is not None:
        names = (current.parent, *subgraph.possible_types(current.parent))
        if any(f"{name}.{current.field.name}" in subgraph.external for name in names):
            return True
        current = current.above
    return False


def _advice(subgraph: Subgraph, selected: SelectedField) -> str | None:
    if not selected.field.has("external"):
        return None
    return "The field is @external in a key of a type extension, so this subgraph resolves it: leave it out."
