"""Hides from the API schema what a contract's audience does not see.

An included tag has to be on each field of an object or interface type, or on its type, and on each union;
arguments, input fields, enums and scalars come along with what uses them. An excluded tag hides whatever
carries it. A type's tags count for its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from router.composition.contract.contract import Contract
from router.composition.contract.reachable import reachable_types
from router.composition.contract.tags import tags_of
from router.composition.merge.model import (
    MergedDirective,
    MergedElement,
    MergedField,
    MergedSchema,
    MergedType,
)
from router.composition.subgraph.model import Kind

Reason = tuple[str, str]


def apply_contract(schema: MergedSchema, contract: Contract) -> MergedSchema:
    """Return the schema with everything outside the contract made @inaccessible."""
    filtered = _hide(schema, dict(_by_tag(schema, contract)))
    filtered = _hide(filtered, dict(_emptied(filtered)))
    # A union is only known to be empty once the objects that have lost all their fields are hidden.
    filtered = _hide(filtered, dict(_unions_without_members(filtered)))
    if contract.hides_unreachable_types:
        filtered = _hide(filtered, dict(_unreachable(filtered)))
    return filtered


def _by_tag(schema: MergedSchema, contract: Contract) -> Iterator[Reason]:
    for merged in schema.types.values():
        own = tags_of(schema, merged)
        reason = contract.why_not(own, needs_inclusion=merged.kind is Kind.UNION)
        if reason is not None:
            yield merged.name, reason
        for field in merged.fields.values():
            yield from _field_by_tag(schema, contract, f"{merged.name}.{field.name}", field, own)
        for child in (*merged.input_fields.values(), *merged.values.values()):
            reason = contract.why_not(tags_of(schema, child), needs_inclusion=False)
            if reason is not None:
                yield f"{merged.name}.{child.name}", reason


def _field_by_tag(
    schema: MergedSchema, contract: Contract, coordinate: str, field: MergedField, inherited: frozenset[str]
) -> Iterator[Reason]:
    reason = contract.why_not(tags_of(schema, field) | inherited, needs_inclusion=True)
    if reason is not None:
        yield coordinate, reason
    for argument in field.arguments.values():
        reason = contract.why_not(tags_of(schema, argument), needs_inclusion=False)
        if reason is not None:
            yield f"{coordinate}({argument.name}:)", reason


def _emptied(schema: MergedSchema) -> Iterator[Reason]:
    for merged in schema.types.values():
        children = (*merged.fields.values(), *merged.input_fields.values(), *merged.values.values())
        if children and all(schema.hides(child) for child in children):
            yield merged.name, "nothing in it is left"


def _unions_without_members(schema: MergedSchema) -> Iterator[Reason]:
    for merged in schema.types.values():
        if merged.members and all(schema.hides(schema.types[name]) for name in merged.members):
            yield merged.name, "none of its members is left"


def _unreachable(schema: MergedSchema) -> Iterator[Reason]:
    reached = reachable_types(schema)
    for name in schema.types:
        if name not in reached:
            yield name, "no visible field leads to it"


def _hide(schema: MergedSchema, reasons: Mapping[str, str]) -> MergedSchema:
    added = {
        coordinate: f"is hidden by the contract, because {reason}" for coordinate, reason in reasons.items()
    }
    types = {name: _hide_in_type(schema, merged, reasons) for name, merged in schema.types.items()}
    return replace(schema, types=types, hidden={**added, **schema.hidden})


def _hide_in_type(schema: MergedSchema, merged: MergedType, reasons: Mapping[str, str]) -> MergedType:
    def directives(element: MergedElement, coordinate: str) -> tuple[MergedDirective, ...]:
        if coordinate not in reasons or schema.hides(element):
            return element.directives
        return (*element.directives, MergedDirective(schema.directive_names["inaccessible"]))

    fields = {}
    for field in merged.fields.values():
        at = f"{merged.name}.{field.name}"
        arguments = {
            argument.name: replace(argument, directives=directives(argument, f"{at}({argument.name}:)"))
            for argument in field.arguments.values()
        }
        fields[field.name] = replace(field, arguments=arguments, directives=directives(field, at))
    return replace(
        merged,
        directives=directives(merged, merged.name),
        fields=fields,
        input_fields={
            name: replace(child, directives=directives(child, f"{merged.name}.{name}"))
            for name, child in merged.input_fields.items()
        },
        values={
            name: replace(child, directives=directives(child, f"{merged.name}.{name}"))
            for name, child in merged.values.items()
        },
    )
