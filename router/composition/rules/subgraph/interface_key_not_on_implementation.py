"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION: Each implementation of an interface with a @key has that key too,
resolvable when the interface's is.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.field_sets import uses_of
from router.composition.subgraph.model import FieldSetUse, Kind, SelectedField, Subgraph


def interface_key_not_on_implementation(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """Each implementation of an interface with a @key has that key too, and resolvable if need be."""
    for use in uses_of(subgraph, "key"):
        if use.holder.kind is not Kind.INTERFACE:
            continue
        for name in subgraph.implementations.get(use.holder.name, ()):
            fault = _fault(subgraph, use, name)
            if fault is not None:
                message = f'The interface "{use.holder.name}" has the key "{use.text}", but "{name}" {fault}.'
                places = [subgraph.at(use.applied), subgraph.at(subgraph.types[name])]
                yield error("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", message, places)


def _fault(subgraph: Subgraph, use: FieldSetUse, name: str) -> str | None:
    same = [
        other
        for other in uses_of(subgraph, "key")
        if other.holder.name == name and _leaves(other) == _leaves(use)
    ]
    if not same:
        return "has no such key"
    if use.is_resolvable and not any(other.is_resolvable for other in same):
        return "has it only as not resolvable"
    return None


def _leaves(use: FieldSetUse) -> frozenset[tuple[str, ...]]:
    paths = set()
    for selected in use.fields:
        path: list[str] = []
        current: SelectedField | None = selected
        while current is not None:
            path.append(current.field.name)
            current = current.above
        paths.add(tuple(path))
    return frozenset(paths)
