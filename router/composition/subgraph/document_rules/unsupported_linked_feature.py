"""UNSUPPORTED_LINKED_FEATURE: a linked feature that is required `for:` a purpose is one that is supported.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.composition.subgraph.names import STANDALONE_FEATURES
from router.federation.link import CORE_IDENTITY, FEDERATION_IDENTITY, LINK_IDENTITY, SPECS

CONNECT_IDENTITY = f"{SPECS}/connect"
# The core specification is refused as such, whatever it is required for.
_READ = frozenset({FEDERATION_IDENTITY, LINK_IDENTITY, CORE_IDENTITY, *STANDALONE_FEATURES})


def unsupported_linked_feature(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """A linked feature that is required for a purpose is supported; connectors never are."""
    for link in links.read:
        place = [locate(link.node)]
        if link.url.identity == CONNECT_IDENTITY:
            message = f'Connectors ("{link.raw_url}") are not supported.'
            yield error("UNSUPPORTED_LINKED_FEATURE", message, place)
        elif link.purpose is not None and link.url.identity not in _READ:
            message = f'The feature "{link.raw_url}" is required for {link.purpose} and is not supported.'
            yield error("UNSUPPORTED_LINKED_FEATURE", message, place)
