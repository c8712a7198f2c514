"""INVALID_LINK_IDENTIFIER: the url and the namespace of a @link are written as the link specification says.

https://specs.apollo.dev/link/v1.0
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate


def invalid_link_identifier(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """The url and the namespace of a @link are written as the link specification says."""
    for link in links.unread:
        if link.failure.code == "INVALID_LINK_IDENTIFIER":
            yield error("INVALID_LINK_IDENTIFIER", f"{link.failure.message}.", [locate(link.directive)])
