"""Reads and checks the `@link` directives of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphql import DocumentNode, Node

from router.composition.diagnostics import Diagnostic, SourceLocation, error
from router.composition.subgraph.names import STANDALONE_FEATURES, DocumentNames, link_directives
from router.federation.directives import (
    FEDERATION_1,
    FEDERATION_SCALARS,
    LATEST,
    Version,
    known_versions,
    shapes_at,
    version_that_added,
)
from router.federation.link import (
    CORE_IDENTITY,
    FEDERATION_IDENTITY,
    LINK_IDENTITY,
    SPECS,
    Link,
    LinkError,
    parse_link,
)

Locate = Callable[[Node | None], SourceLocation]

CONNECT_IDENTITY = f"{SPECS}/connect"


def read_links(document: DocumentNode, locate: Locate) -> tuple[DocumentNames, list[Diagnostic]]:
    """Parse every `@link`, and say what is wrong with each that cannot be used."""
    links: list[Link] = []
    problems: list[Diagnostic] = []
    for directive in link_directives(document):
        try:
            links.append(parse_link(directive))
        except LinkError as failure:
            problems.append(error(failure.code, f"{failure.message}.", [locate(directive)]))
    names = DocumentNames(tuple(links), _federation_version(links))
    for link in links:
        problems.extend(_check_link(link, locate))
    problems.extend(_check_names(links, locate))
    return names, problems


def _federation_version(links: list[Link]) -> Version:
    for link in links:
        if link.url.identity == FEDERATION_IDENTITY:
            version = link.url.version
            linked = version if version in known_versions() else LATEST
            return max([linked, *_versions_of_features(links)])
    return FEDERATION_1


def _versions_of_features(links: list[Link]) -> Iterator[Version]:
    # A feature linked by its own url may be younger than the federation linked beside it.
    for link in links:
        since = version_that_added(STANDALONE_FEATURES.get(link.url.identity, ""))
        if since is not None:
            yield since


def _check_link(link: Link, locate: Locate) -> Iterator[Diagnostic]:
    identity, version, place = link.url.identity, link.url.version, [locate(link.node)]
    if identity == FEDERATION_IDENTITY:
        if version not in known_versions():
            shown = f"v{version[0]}.{version[1]}" if version else "no version"
            yield error("UNKNOWN_FEDERATION_LINK_VERSION", f"Federation has no version {shown}.", place)
        else:
            yield from _check_federation_imports(link, version, place)
    elif identity == LINK_IDENTITY:
        if version != (1, 0):
            yield error("UNKNOWN_LINK_VERSION", f'The link specification "{link.raw_url}" is unknown.', place)
    elif identity == CORE_IDENTITY:
        message = f'The core specification ("{link.raw_url}") is not supported; @link replaced it.'
        yield error("UNSUPPORTED_FEATURE", message, place)
    elif identity == CONNECT_IDENTITY:
        yield error("UNSUPPORTED_LINKED_FEATURE", f'Connectors ("{link.raw_url}") are not supported.', place)
    elif link.purpose is not None and identity not in STANDALONE_FEATURES:
        message = f'The feature "{link.raw_url}" is required for {link.purpose} and is not supported.'
        yield error("UNSUPPORTED_LINKED_FEATURE", message, place)


def _check_federation_imports(
    link: Link, version: Version, place: list[SourceLocation]
) -> Iterator[Diagnostic]:
    known = {"@" + name for name in shapes_at(version)} | set(FEDERATION_SCALARS)
    for imported in link.imports:
        if imported.element in known:
            continue
        message = f'Federation v{version[0]}.{version[1]} has no "{imported.element}" to import.'
        advice = None
        if "@" + imported.element in known:
            advice = f'Import it as "@{imported.element}": directives are imported with their @.'
        elif (since := version_that_added(imported.element.removeprefix("@"))) is not None:
            advice = f"It appeared in v{since[0]}.{since[1]}: link that version or a later one."
        yield error("INVALID_LINK_DIRECTIVE_USAGE", message, place, advice)


def _check_names(links: list[Link], locate: Locate) -> Iterator[Diagnostic]:
    identities: dict[str, Link] = {}
    prefixes: dict[str, Link] = {}
    aliases: dict[str, Link] = {}
    for link in links:
        both = [locate(link.node)]
        if (other := identities.setdefault(link.url.identity, link)) is not link:
            message = f'The feature "{link.url.identity}" is linked twice.'
            yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [*both, locate(other.node)])
        elif link.prefix and (other := prefixes.setdefault(link.prefix, link)) is not link:
            message = f'Two linked features use the name "{link.prefix}"; rename one with `as:`.'
            yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [*both, locate(other.node)])
        for imported in link.imports:
            if (other := aliases.setdefault(imported.alias, link)) is not link:
                message = f'"{imported.alias}" is imported from two features.'
                yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [*both, locate(other.node)])
