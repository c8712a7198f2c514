"""DIRECTIVE_COMPOSITION_WARN: A composed directive has another name in a subgraph that does not compose it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView


def directive_composition_warn(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A composed directive has another name in a subgraph that does not compose it."""
    for request in view.composed.requests:
        if request.link is None:
            continue
        for subgraph in view.subgraphs:
            for link in subgraph.links:
                if link.url.identity != request.link.url.identity or subgraph is request.subgraph:
                    continue
                local = link.local_name("@" + request.element)[1:]
                if local != request.local_name and local in subgraph.directive_definitions:
                    message = (
                        f'"@{request.element}" is composed as "@{request.local_name}", but is "@{local}" '
                        "here."
                    )
                    yield hint("DIRECTIVE_COMPOSITION_WARN", message, [subgraph.at(link.node)])
