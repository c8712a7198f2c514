"""One subgraph's SDL in; its model out, or the reasons why there is none."""

from __future__ import annotations

import re

from graphql import GraphQLError, parse

from router.composition.diagnostics import Diagnostic, SourceLocation, error
from router.composition.source import SubgraphSource
from router.composition.subgraph.analyse import analyse_subgraph
from router.composition.subgraph.build import build_subgraph
from router.composition.subgraph.document import missing_definitions, strip_machinery
from router.composition.subgraph.document_rules import check_definitions, check_links
from router.composition.subgraph.graphql_check import check_graphql
from router.composition.subgraph.links import federation_version, read_links
from router.composition.subgraph.locate import locator
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.names import DocumentNames

_LINE_BREAK = re.compile(r"\r\n|[\n\r]")

# A document nested deeper than any real one; beyond it the recursive parser could exhaust the stack.
_TOKENS_MAX = 4_000_000


def ingest_subgraph(source: SubgraphSource) -> tuple[Subgraph | None, list[Diagnostic]]:
    """Parse, link, check and build one subgraph; the subgraph is None when there are errors."""
    lines = tuple(_LINE_BREAK.split(source.sdl))
    try:
        document = parse(source.sdl, max_tokens=_TOKENS_MAX)
    except GraphQLError as failure:
        return None, [_syntax_error(source, failure, lines)]
    except RecursionError:
        return None, [error("INVALID_GRAPHQL", "The document is nested too deeply.", [_whole(source)])]

    locate = locator(source, lines)
    links = read_links(document)
    problems = list(check_links(links, locate))
    if problems:
        return None, problems
    names = DocumentNames(links.read, federation_version(links.read))
    definitions = strip_machinery(document)
    problems += check_definitions(definitions, names, locate)
    if not problems:
        problems += check_graphql(definitions, missing_definitions(definitions, names), locate)
    if problems:
        return None, problems
    return analyse_subgraph(build_subgraph(source, definitions, names, lines)), []


def _syntax_error(source: SubgraphSource, failure: GraphQLError, lines: tuple[str, ...]) -> Diagnostic:
    place = failure.locations[0] if failure.locations else None
    location = _whole(source)
    if place is not None:
        text = lines[place.line - 1] if place.line <= len(lines) else ""
        location = SourceLocation(source.name, source.file, place.line, place.column, text)
    return error("INVALID_GRAPHQL", failure.message, [location])


def _whole(source: SubgraphSource) -> SourceLocation:
    return SourceLocation(source.name, source.file)
