"""DIRECTIVE_COMPOSITION_INFO: A @composeDirective names a directive that federation composes by itself.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.federation.features import FEATURES


def directive_composition_info(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A @composeDirective names a directive that federation composes by itself."""
    merged = {name for feature in FEATURES.values() for name in feature.directives}
    for request in view.composed.requests:
        specification = request.link.url.identity if request.link else ""
        if specification.startswith("https://specs.apollo.dev/") and request.element in merged:
            message = f'"@{request.element}" is composed by itself; @composeDirective adds nothing.'
            yield hint("DIRECTIVE_COMPOSITION_INFO", message, [request.subgraph.at(request.applied)])
