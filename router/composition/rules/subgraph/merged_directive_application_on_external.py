"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: An @external field carries no directive that reaches the
supergraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph

_MERGED = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize")


def merged_directive_application_on_external(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """An @external field carries no directive that reaches the supergraph."""
    for _, field in subgraph.fields():
        if field.coordinate not in subgraph.external or not field.has("external"):
            continue
        for applied in field.directives:
            if applied.name in _MERGED:
                message = f'@{applied.name} is on "{field.coordinate}", which is @external.'
                yield error("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", message, [subgraph.at(applied)])
