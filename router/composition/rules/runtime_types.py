"""What object types a shared field can return in each subgraph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.composition.merge.view import FieldSource, SubgraphsView
from router.composition.rules.arguments import by_subgraph
from router.composition.rules.sharing import resolving_sources
from router.composition.subgraph.model import Kind
from router.composition.subgraph.type_ref import named_type


@dataclass(frozen=True, slots=True)
class SharedRuntimeTypes:
    """A shared field whose subgraphs return different sets of object types."""

    coordinate: str
    sources: tuple[FieldSource, ...]
    common: frozenset[str]
    shown: str


def shared_runtime_types(view: SubgraphsView) -> Iterator[SharedRuntimeTypes]:
    """Every shared field of an abstract type where the subgraphs differ."""
    for coordinate, definitions in view.fields.items():
        if len(definitions) < 2:
            continue
        sources = resolving_sources(view, coordinate)
        bases = [named_type(source.field.type) for source in sources]
        if not any(view.kind_of(base) in (Kind.INTERFACE, Kind.UNION) for base in bases):
            continue
        pairs = list(zip(sources, bases, strict=True))
        # An interface object stands for every implementation, whichever they are.
        known = [(s, b) for s, b in pairs if not s.subgraph.types[b].is_interface_object]
        found = [(s, frozenset(s.subgraph.possible_types(base))) for s, base in known]
        sets = {names for _, names in found}
        if len(sets) > 1:
            shown = by_subgraph([(s.subgraph, " | ".join(sorted(names))) for s, names in found])
            yield SharedRuntimeTypes(
                coordinate, tuple(s for s, _ in found), frozenset.intersection(*sets), shown
            )
