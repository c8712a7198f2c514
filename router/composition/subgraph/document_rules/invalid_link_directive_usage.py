"""INVALID_LINK_DIRECTIVE_USAGE: a @link has well-formed arguments, imports what exists, takes no name twice.

https://specs.apollo.dev/link/v1.0
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.federation.directives import (
    FEDERATION_SCALARS,
    Version,
    known_versions,
    shapes_at,
    version_that_added,
)
from router.federation.link import FEDERATION_IDENTITY, Link


def invalid_link_directive_usage(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """A @link has well-formed arguments, imports what exists, and takes no name twice."""
    for unread in links.unread:
        if unread.failure.code == "INVALID_LINK_DIRECTIVE_USAGE":
            message = f"{unread.failure.message}."
            yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [locate(unread.directive)])
    for link in links.read:
        version = link.url.version
        if link.url.identity == FEDERATION_IDENTITY and version is not None and version in known_versions():
            yield from _unknown_imports(link, version, locate)
    yield from _names_taken_twice(links.read, locate)


def _unknown_imports(link: Link, version: Version, locate: Locate) -> Iterator[Diagnostic]:
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
        yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [locate(link.node)], advice)


def _names_taken_twice(links: Sequence[Link], locate: Locate) -> Iterator[Diagnostic]:
    identities: dict[str, Link] = {}
    prefixes: dict[str, Link] = {}
    aliases: dict[str, Link] = {}
    for link in links:
        place = locate(link.node)
        if (other := identities.setdefault(link.url.identity, link)) is not link:
            message = f'The feature "{link.url.identity}" is linked twice.'
            yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [place, locate(other.node)])
        elif link.prefix and (other := prefixes.setdefault(link.prefix, link)) is not link:
            message = f'Two linked features use the name "{link.prefix}"; rename one with `as:`.'
            yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [place, locate(other.node)])
        for imported in link.imports:
            if (other := aliases.setdefault(imported.alias, link)) is not link:
                message = f'"{imported.alias}" is imported from two features.'
                yield error("INVALID_LINK_DIRECTIVE_USAGE", message, [place, locate(other.node)])
