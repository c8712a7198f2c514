"""UNKNOWN_LINK_VERSION: a subgraph links the link specification at v1.0, the one version there is.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.federation.link import LINK_IDENTITY


def unknown_link_version(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """A subgraph links the link specification at v1.0, the one version there is."""
    for link in links.read:
        if link.url.identity == LINK_IDENTITY and link.url.version != (1, 0):
            message = f'The link specification "{link.raw_url}" is unknown.'
            yield error("UNKNOWN_LINK_VERSION", message, [locate(link.node)])
