"""IMPLICITLY_UPGRADED_FEDERATION_VERSION: A subgraph links a feature that its federation version does not have yet.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.federation.directives import version_that_added
from router.federation.features import FEATURES


def implicitly_upgraded_federation_version(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A subgraph links a feature that its federation version does not have yet."""
    for subgraph in view.subgraphs:
        for link in subgraph.links:
            feature = FEATURES.get(link.url.name or "")
            if feature is None or not feature.url.startswith(link.url.identity + "/"):
                continue
            since = version_that_added(feature.name)
            if since is not None and (2, 0) <= subgraph.version < since:
                message = (
                    f'"{subgraph.name}" links {link.raw_url}, so it is read as federation v{since[0]}.{since[1]} '
                    f"instead of v{subgraph.version[0]}.{subgraph.version[1]}."
                )
                yield hint("IMPLICITLY_UPGRADED_FEDERATION_VERSION", message, [subgraph.at(link.node)])
