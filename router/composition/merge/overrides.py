"""`@override`: which field definitions have moved, which are still used, and which move by a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from router.composition.subgraph.model import Applied, Field, Kind, Subgraph


@dataclass(frozen=True, slots=True)
class Override:
    """One application of @override, with the definition it moves, when there is one."""

    subgraph: Subgraph
    field: Field
    applied: Applied
    source_name: str
    label: str | None
    source: Subgraph | None
    source_field: Field | None


@dataclass(frozen=True, slots=True)
class OverrideFacts:
    """Every override, and what it means for each (subgraph, coordinate)."""

    overrides: tuple[Override, ...]
    dropped: frozenset[tuple[str, str]] = frozenset()
    used: frozenset[tuple[str, str]] = frozenset()
    labels: dict[tuple[str, str], str] = field(default_factory=dict)

    def is_moved_away(self, subgraph: Subgraph, coordinate: str) -> bool:
        """Whether the subgraph no longer resolves the field, for any request."""
        return (subgraph.name, coordinate) in self.dropped

    def is_unused_leftover(self, subgraph: Subgraph, coordinate: str) -> bool:
        """Whether the definition moved away and nothing else in its subgraph needs it."""
        key = (subgraph.name, coordinate)
        return key in self.dropped and key not in self.used


def find_overrides(subgraphs: Sequence[Subgraph]) -> OverrideFacts:
    """Find every override and the definitions it moves."""
    by_name = {subgraph.name: subgraph for subgraph in subgraphs}
    found = [
        _override(subgraph, field_, applied, by_name)
        for subgraph in subgraphs
        for definition, field_ in subgraph.fields()
        if definition.kind is Kind.OBJECT
        for applied in field_.all("override")
    ]
    dropped: set[tuple[str, str]] = set()
    used: set[tuple[str, str]] = set()
    labels: dict[tuple[str, str], str] = {}
    for override in found:
        source, moved = override.source, override.source_field
        if source is None or moved is None or source is override.subgraph:
            continue
        place = (source.name, moved.coordinate)
        if moved.coordinate in source.used:
            used.add(place)
        if override.label is None:
            dropped.add(place)
        else:
            labels[place] = override.label
            labels[(override.subgraph.name, override.field.coordinate)] = override.label
    return OverrideFacts(tuple(found), frozenset(dropped), frozenset(used), labels)


def _override(subgraph: Subgraph, field_: Field, applied: Applied, by_name: dict[str, Subgraph]) -> Override:
    name = applied.text("from") or ""
    source = by_name.get(name)
    definition = source.types.get(field_.parent) if source else None
    moved = definition.fields.get(field_.name) if definition else None
    return Override(subgraph, field_, applied, name, applied.text("label"), source, moved)
