"""Drops @external fields that nothing uses, as Federation 1 allowed them."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.subgraph.model import Subgraph
from router.composition.upgrade.type_with_only_unused_external import type_with_only_unused_external


def drop_unused_externals(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """Drop the fields, and types left empty; a type that is still referred to cannot go, and is reported."""
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
        problems = list(type_with_only_unused_external(subgraph, definition))
        yield from problems
        if not problems:
            del subgraph.types[definition.name]
