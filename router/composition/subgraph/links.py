"""Reads the `@link` directives of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import DirectiveNode, DocumentNode

from router.composition.subgraph.names import STANDALONE_FEATURES, link_directives
from router.federation.directives import FEDERATION_1, LATEST, Version, known_versions, version_that_added
from router.federation.link import FEDERATION_IDENTITY, Link, LinkError, parse_link


@dataclass(frozen=True, slots=True)
class UnreadLink:
    """A `@link` that breaks the link specification, and how."""

    directive: DirectiveNode
    failure: LinkError


@dataclass(frozen=True, slots=True)
class DocumentLinks:
    """The links of one document, in its order: those that could be read, and those that could not."""

    read: tuple[Link, ...]
    unread: tuple[UnreadLink, ...]


def read_links(document: DocumentNode) -> DocumentLinks:
    """Parse every `@link`."""
    read: list[Link] = []
    unread: list[UnreadLink] = []
    for directive in link_directives(document):
        try:
            read.append(parse_link(directive))
        except LinkError as failure:
            unread.append(UnreadLink(directive, failure))
    return DocumentLinks(tuple(read), tuple(unread))


def federation_version(links: Sequence[Link]) -> Version:
    """The version of federation the links ask for; the latest where they name one that is unknown."""
    for link in links:
        if link.url.identity == FEDERATION_IDENTITY:
            version = link.url.version
            linked = version if version in known_versions() else LATEST
            return max([linked, *_versions_of_features(links)])
    return FEDERATION_1


def _versions_of_features(links: Sequence[Link]) -> Iterator[Version]:
    # A feature linked by its own url may be younger than the federation linked beside it.
    for link in links:
        since = version_that_added(STANDALONE_FEATURES.get(link.url.identity, ""))
        if since is not None:
            yield since
