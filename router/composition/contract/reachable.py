"""Which types an operation can still meet."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.merge.directive_definitions import EXECUTABLE_PLACES
from router.composition.merge.merge import ROOTS
from router.composition.merge.model import MergedSchema, MergedType
from router.composition.subgraph.model import Kind
from router.composition.subgraph.type_ref import named_type


def reachable_types(schema: MergedSchema) -> frozenset[str]:
    """The types that visible fields lead to from the roots, with the interfaces those types implement.

    An interface leads to its implementations where a field returns it, not where a type merely implements
    it.
    """
    returned: set[str] = set()
    waiting = [*ROOTS, *_directive_arguments(schema)]
    implemented: set[str] = set()
    while waiting:
        name = waiting.pop()
        merged = schema.types.get(name)
        if name in returned or merged is None or schema.hides(merged):
            continue
        returned.add(name)
        waiting += _possible(schema, merged)
        waiting += _referenced(schema, merged)
        for interface in _visible_interfaces(schema, merged) - implemented:
            implemented.add(interface)
            waiting += _referenced(schema, schema.types[interface])
    return frozenset(returned | implemented)


def _possible(schema: MergedSchema, merged: MergedType) -> Iterator[str]:
    if merged.kind is Kind.INTERFACE:
        yield from (other.name for other in schema.types.values() if merged.name in other.implements)
    yield from merged.members


def _referenced(schema: MergedSchema, merged: MergedType) -> Iterator[str]:
    for field in merged.fields.values():
        if not schema.hides(field):
            yield named_type(field.type)
            for argument in field.arguments.values():
                if not schema.hides(argument):
                    yield named_type(argument.type)
    for value in merged.input_fields.values():
        if not schema.hides(value):
            yield named_type(value.type)


def _visible_interfaces(schema: MergedSchema, merged: MergedType) -> set[str]:
    return {
        name for name in merged.implements if name in schema.types and not schema.hides(schema.types[name])
    }


def _directive_arguments(schema: MergedSchema) -> Iterator[str]:
    for definition in schema.directive_definitions:
        if EXECUTABLE_PLACES & set(definition.places):
            yield from (named_type(argument.type) for argument in definition.arguments.values())
