"""Drops @external fields that nothing uses, as Federation 1 allowed them."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import named_type


def drop_unused_externals(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """Drop the fields, and types left empty; a type that is still referred to cannot go, and is reported.

    TYPE_WITH_ONLY_UNUSED_EXTERNAL: every field of a type is @external and unused.
    """
    emptied = []
    for definition in subgraph.types.values():
        unused = [
            name
            for name, field in definition.fields.items()
            if field.coordinate in subgraph.external and field.coordinate not in subgraph.used
        ]
        if unused and len(unused) == len(definition.fields):
            emptied.append(definition)
        for name in unused:
            del definition.fields[name]
    for definition in emptied:
        if _is_referenced(subgraph, definition.name):
            message = f'"{definition.name}" has only @external fields that nothing in this subgraph uses.'
            yield error("TYPE_WITH_ONLY_UNUSED_EXTERNAL", message, [subgraph.at(definition)])
        else:
            del subgraph.types[definition.name]


def _is_referenced(subgraph: Subgraph, name: str) -> bool:
    return any(named_type(field.type) == name for _, field in subgraph.fields()) or any(
        name in definition.members for definition in subgraph.types.values()
    )
