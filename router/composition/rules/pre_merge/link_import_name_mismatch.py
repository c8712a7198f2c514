"""LINK_IMPORT_NAME_MISMATCH: A directive that reaches the supergraph has the same name in every subgraph
that imports it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.composed import imported_names
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Subgraph
from router.federation.features import FEATURES


def link_import_name_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A directive that reaches the supergraph has the same name in every subgraph that imports it."""
    for feature in FEATURES.values():
        for directive in feature.directives:
            names: dict[str, list[Subgraph]] = {}
            for subgraph in view.subgraphs:
                for name in imported_names(subgraph, directive):
                    names.setdefault(name, []).append(subgraph)
            if len(names) > 1:
                shown = ", ".join(f'"@{n}" in "{s.name}"' for n, found in names.items() for s in found)
                message = f'"@{directive}" is imported under several names: {shown}.'
                places = [
                    s.at(link.node)
                    for found in names.values()
                    for s in found
                    for link in s.links
                    if link.imports
                ]
                yield error("LINK_IMPORT_NAME_MISMATCH", message, places)
