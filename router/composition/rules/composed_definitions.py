"""The definitions of composed directives, by name."""

from __future__ import annotations

from router.composition.merge.directive_definitions import DirectiveSource
from router.composition.merge.view import SubgraphsView


def composed_definitions(view: SubgraphsView) -> dict[str, list[DirectiveSource]]:
    """Every composed directive with the definitions of the subgraphs that compose it."""
    found: dict[str, list[DirectiveSource]] = {}
    for request in view.composed.requests:
        if request.definition is not None:
            found.setdefault(request.local_name, []).append((request.subgraph, request.definition))
    return found
