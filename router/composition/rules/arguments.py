"""Groups the definitions of one argument, field or input field over the subgraphs that resolve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from router.composition.diagnostics import SourceLocation
from router.composition.merge.directive_definitions import executable_sources
from router.composition.merge.inputs import all_inputs
from router.composition.merge.view import FieldSource, InputSource, SubgraphsView
from router.composition.subgraph.model import Element, Kind, Subgraph


@dataclass(frozen=True, slots=True)
class ArgumentGroup:
    """One argument with the subgraphs that define it and the ones that define its owner only."""

    coordinate: str
    sources: tuple[InputSource, ...]
    missing: tuple[tuple[Subgraph, Element], ...]


def resolved_sources(view: SubgraphsView, coordinate: str) -> list[FieldSource]:
    """The definitions of a field that are not @external."""
    return [source for source in view.fields[coordinate] if not source.is_external]


def external_sources(view: SubgraphsView, coordinate: str) -> list[FieldSource]:
    """The definitions of a field that are @external."""
    return [source for source in view.fields[coordinate] if source.is_external]


def argument_groups(view: SubgraphsView) -> Iterator[ArgumentGroup]:
    """Every argument of every field that some subgraph resolves, and of every executable directive."""
    for coordinate, definitions in view.fields.items():
        # Most fields have no arguments, and many rules ask.
        if not any(source.field.arguments for source in definitions):
            continue
        owners: list[tuple[Subgraph, Element]] = []
        groups = []
        for source in resolved_sources(view, coordinate):
            owners.append((source.subgraph, source.field))
            groups.append((source.subgraph, source.field.arguments))
        yield from _groups(groups, owners)
    for definitions in executable_sources(view).values():
        yield from _groups([(s, d.arguments) for s, d in definitions], list(definitions))


def _groups(groups: Sequence, owners: Sequence[tuple[Subgraph, Element]]) -> Iterator[ArgumentGroup]:
    for sources in all_inputs(groups).values():
        having = {source.subgraph.name for source in sources}
        missing = tuple((subgraph, owner) for subgraph, owner in owners if subgraph.name not in having)
        yield ArgumentGroup(sources[0].value.coordinate, sources, missing)


def input_field_groups(view: SubgraphsView) -> Iterator[ArgumentGroup]:
    """Every field of every input type."""
    for _, sources in view.of_kind(Kind.INPUT):
        groups = [(source.subgraph, source.definition.input_fields) for source in sources]
        yield from _groups(groups, [(source.subgraph, source.definition) for source in sources])


def input_places(sources: Sequence[InputSource]) -> list[SourceLocation]:
    """Where the definitions stand."""
    return [source.subgraph.at(source.value) for source in sources]


def field_places(sources: Sequence[FieldSource]) -> list[SourceLocation]:
    """Where the definitions stand."""
    return [source.subgraph.at(source.field) for source in sources]


def by_subgraph(pairs: Sequence[tuple[Subgraph, str]]) -> str:
    """A message's list of what each subgraph says: `"A" in subgraph x, "B" in subgraphs y and z`."""
    said: dict[str, list[str]] = {}
    for subgraph, text in pairs:
        said.setdefault(text, []).append(subgraph.name)
    return ", ".join(f'"{text}" in {name_list(names)}' for text, names in said.items())


def name_list(names: Sequence[str]) -> str:
    """`subgraph x`, or `subgraphs x, y and z`."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"subgraph {quoted[0]}"
    return f"subgraphs {', '.join(quoted[:-1])} and {quoted[-1]}"
