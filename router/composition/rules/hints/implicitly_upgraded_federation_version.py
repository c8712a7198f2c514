"""IMPLICITLY_UPGRADED_FEDERATION_VERSION: A subgraph links a feature that its federation version does not
have yet.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.federation.link import FEDERATION_IDENTITY


def implicitly_upgraded_federation_version(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A subgraph links a feature that its federation version does not have yet."""
    for subgraph in view.subgraphs:
        for link in subgraph.links:
            linked = link.url.version
            if link.url.identity == FEDERATION_IDENTITY and linked is not None and linked < subgraph.version:
                message = (
                    f'"{subgraph.name}" links federation v{linked[0]}.{linked[1]} and a feature of '
                    f"v{subgraph.version[0]}.{subgraph.version[1]}, so it is read as the latter."
                )
                yield hint("IMPLICITLY_UPGRADED_FEDERATION_VERSION", message, [subgraph.at(link.node)])
