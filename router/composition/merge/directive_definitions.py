"""Merging of directive definitions: executable ones all subgraphs agree on, and the composed ones."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.inputs import all_inputs, merge_input_value, shared_inputs
from router.composition.merge.model import MergedDirectiveDefinition
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import DirectiveDefinition, Subgraph

EXECUTABLE_PLACES = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)

DirectiveSource = tuple[Subgraph, DirectiveDefinition]


def merge_directive_definitions(view: SubgraphsView) -> tuple[MergedDirectiveDefinition, ...]:
    """Merge the definitions of custom directives that reach the supergraph, in order of name."""
    composed = _composed_sources(view)
    merged = {name: _merge_composed(view, sources) for name, sources in composed.items()}
    for name, sources in executable_sources(view).items():
        definition = _merge_executable(view, sources)
        if name not in merged and definition is not None:
            merged[name] = definition
    return tuple(merged[name] for name in sorted(merged))


def executable_sources(view: SubgraphsView) -> dict[str, list[DirectiveSource]]:
    """Custom directives that operations may carry, with their definitions."""
    found: dict[str, list[DirectiveSource]] = {}
    for subgraph in view.subgraphs:
        for definition in subgraph.directive_definitions.values():
            if EXECUTABLE_PLACES & set(definition.places):
                found.setdefault(definition.name, []).append((subgraph, definition))
    return found


def shared_places(sources: Sequence[DirectiveSource]) -> tuple[str, ...]:
    """The executable locations all definitions have."""
    return tuple(
        place
        for place in sources[0][1].places
        if place in EXECUTABLE_PLACES and all(place in definition.places for _, definition in sources)
    )


def _composed_sources(view: SubgraphsView) -> dict[str, list[DirectiveSource]]:
    found: dict[str, list[DirectiveSource]] = {}
    for request in view.composed.requests:
        if request.definition is not None and request.link is not None:
            found.setdefault(request.local_name, []).append((request.subgraph, request.definition))
    return found


def _merge_composed(view: SubgraphsView, sources: Sequence[DirectiveSource]) -> MergedDirectiveDefinition:
    groups = [(subgraph, definition.arguments) for subgraph, definition in sources]
    arguments = {name: merge_input_value(view, values) for name, values in all_inputs(groups).items()}
    places = dict.fromkeys(place for _, definition in sources for place in definition.places)
    return MergedDirectiveDefinition(
        sources[0][1].name,
        merge_descriptions(definition.description for _, definition in sources),
        arguments,
        tuple(places),
        any(definition.repeatable for _, definition in sources),
    )


def _merge_executable(
    view: SubgraphsView, sources: Sequence[DirectiveSource]
) -> MergedDirectiveDefinition | None:
    places = shared_places(sources)
    if len(sources) < len(view.subgraphs) or not places:
        return None
    groups = [(subgraph, definition.arguments) for subgraph, definition in sources]
    return MergedDirectiveDefinition(
        sources[0][1].name,
        merge_descriptions(definition.description for _, definition in sources),
        {name: merge_input_value(view, values) for name, values in shared_inputs(groups).items()},
        places,
        all(definition.repeatable for _, definition in sources),
    )
