"""UNSUPPORTED_FEATURE: a subgraph uses @link, not the core specification that came before it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.federation.link import CORE_IDENTITY


def unsupported_feature(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """A subgraph uses @link, not the core specification that came before it."""
    for link in links.read:
        if link.url.identity == CORE_IDENTITY:
            message = f'The core specification ("{link.raw_url}") is not supported; @link replaced it.'
            yield error("UNSUPPORTED_FEATURE", message, [locate(link.node)])
