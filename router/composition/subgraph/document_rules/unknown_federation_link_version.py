"""UNKNOWN_FEDERATION_LINK_VERSION: a subgraph links a version of federation that there is.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.federation.directives import known_versions
from router.federation.link import FEDERATION_IDENTITY


def unknown_federation_link_version(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """A subgraph links a version of federation that there is."""
    for link in links.read:
        version = link.url.version
        if link.url.identity == FEDERATION_IDENTITY and version not in known_versions():
            shown = f"v{version[0]}.{version[1]}" if version else "no version"
            message = f"Federation has no version {shown}."
            yield error("UNKNOWN_FEDERATION_LINK_VERSION", message, [locate(link.node)])
