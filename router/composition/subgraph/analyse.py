"""Derives what rules and merging ask of a subgraph: external, used and shareable fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from router.composition.subgraph.contexts import context_fields
from router.composition.subgraph.field_sets import read_field_sets
from router.composition.subgraph.model import Field, Kind, SelectedField, Subgraph


def analyse_subgraph(subgraph: Subgraph) -> Subgraph:
    """Fill in the derived facts; called again after an upgrade has changed the types."""
    subgraph.__dict__.pop("implementations", None)
    subgraph.field_sets = read_field_sets(subgraph)
    keys = [use for use in subgraph.field_sets if use.directive == "key"]
    # The key fields of a type extension are resolved here, whatever @external on them says: Federation 1
    # asked for it, and Federation 2 documents keep the habit.
    extension_keys = {
        selected.field.coordinate for use in keys if use.holder.extends_another for selected in use.fields
    }
    subgraph.external = frozenset(
        field.coordinate
        for definition, field in subgraph.fields()
        if (field.has("external") or definition.has("external")) and field.coordinate not in extension_keys
    )
    key_fields = frozenset(_with_implementations(subgraph, (s for use in keys for s in use.fields)))
    subgraph.used = frozenset(_used(subgraph))
    subgraph.shareable = frozenset(
        field.coordinate
        for definition, field in subgraph.fields()
        if field.has("shareable") or definition.has("shareable") or field.coordinate in key_fields
    )
    return subgraph


def _used(subgraph: Subgraph) -> Iterator[str]:
    selected = [s for use in subgraph.field_sets for s in use.fields]
    yield from _with_implementations(subgraph, selected)
    yield from context_fields(subgraph)
    yield from _implementing_fields(subgraph)


def _with_implementations(subgraph: Subgraph, selected: Iterable[SelectedField]) -> Iterator[str]:
    for item in selected:
        yield item.field.coordinate
        parent = subgraph.types.get(item.parent)
        if parent is not None and parent.kind is Kind.INTERFACE:
            for name in subgraph.implementations.get(item.parent, ()):
                if item.field.name in subgraph.types[name].fields:
                    yield f"{name}.{item.field.name}"


def _implementing_fields(subgraph: Subgraph) -> Iterator[str]:
    for definition in subgraph.types.values():
        for interface in definition.interfaces:
            declared = subgraph.types.get(interface)
            for name in declared.fields if declared else ():
                if name in definition.fields:
                    yield f"{definition.name}.{name}"


def is_resolved(subgraph: Subgraph, field: Field) -> bool:
    """Whether the subgraph resolves the field, rather than declaring it @external."""
    return field.coordinate not in subgraph.external
