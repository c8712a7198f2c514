"""Merging of enum values: union for outputs, intersection for inputs, equality when used both ways."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.merge.model import MergedValue
from router.composition.merge.view import SubgraphsView, TypeSource, ValueSource
from router.composition.subgraph.model import Element, Subgraph


def merge_enum_values(
    view: SubgraphsView, name: str, sources: Sequence[TypeSource]
) -> dict[str, MergedValue]:
    """Merge the values of all definitions of one enum."""
    return {
        value: _merge_value(view, found)
        for value, found in enum_values(sources).items()
        if len(found) == len(sources) or not is_dropped(view, name, found)
    }


def enum_values(sources: Sequence[TypeSource]) -> dict[str, tuple[ValueSource, ...]]:
    """Every value any definition has."""
    found: dict[str, list[ValueSource]] = {}
    for source in sources:
        for value in source.definition.values.values():
            found.setdefault(value.name, []).append(ValueSource(source.subgraph, value))
    return {name: tuple(values) for name, values in found.items()}


def is_dropped(view: SubgraphsView, name: str, found: Sequence[ValueSource]) -> bool:
    """Whether a value that some subgraph lacks cannot be in the supergraph: its subgraphs may not
    understand it.
    """
    use = view.enum_uses[name]
    return use.as_input is not None and use.as_output is None and not is_hidden_value(found)


def is_hidden_value(found: Sequence[ValueSource]) -> bool:
    """Whether clients never see the value."""
    return any(source.value.has("inaccessible") for source in found)


def _merge_value(view: SubgraphsView, found: Sequence[ValueSource]) -> MergedValue:
    elements: list[tuple[Subgraph, Element]] = [(source.subgraph, source.value) for source in found]
    value = found[0].value
    return MergedValue(
        value.name,
        value.coordinate,
        merge_descriptions(source.value.description for source in found),
        merge_directives(view, elements),
        tuple(source.subgraph.graph for source in found),
    )
