"""One subgraph's SDL in; its model out, or the reasons why there is none."""

from __future__ import annotations

import re

from graphql import DefinitionNode, GraphQLError, Node, TypeDefinitionNode, TypeExtensionNode, parse

from router.composition.diagnostics import Diagnostic, SourceLocation, error
from router.composition.source import SubgraphSource
from router.composition.subgraph.analyse import analyse_subgraph
from router.composition.subgraph.build import ROOT_NAMES, build_subgraph, root_operation_types
from router.composition.subgraph.document import (
    check_given_definitions,
    missing_definitions,
    strip_machinery,
)
from router.composition.subgraph.graphql_check import check_graphql
from router.composition.subgraph.links import read_links
from router.composition.subgraph.model import Subgraph

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

    def locate(node: Node | None) -> SourceLocation:
        return _locate(source, node, lines)

    names, problems = read_links(document, locate)
    if problems:
        return None, problems
    definitions = strip_machinery(document)
    problems += check_given_definitions(definitions, names, locate)
    problems += _root_name_problems(source, definitions, lines)
    if not problems:
        problems += check_graphql(definitions, missing_definitions(definitions, names), locate)
    if problems:
        return None, problems
    return analyse_subgraph(build_subgraph(source, definitions, names, lines)), []


def _root_name_problems(
    source: SubgraphSource, definitions: list[DefinitionNode], lines: tuple[str, ...]
) -> list[Diagnostic]:
    given = root_operation_types(definitions)
    types = {
        node.name.value: node
        for node in definitions
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode)
    }
    problems = []
    for operation, standard in ROOT_NAMES.items():
        named = getattr(given.get(operation), "name", None)
        if named is not None and named.value != standard and standard in types:
            message = (
                f'The {operation.value} root is "{named.value}", but a type called "{standard}" exists too.'
            )
            places = [_locate(source, node, lines) for node in (types[standard], given[operation])]
            problems.append(error(f"ROOT_{operation.value.upper()}_USED", message, places))
    return problems


def _syntax_error(source: SubgraphSource, failure: GraphQLError, lines: tuple[str, ...]) -> Diagnostic:
    place = failure.locations[0] if failure.locations else None
    location = _whole(source)
    if place is not None:
        text = lines[place.line - 1] if place.line <= len(lines) else ""
        location = SourceLocation(source.name, source.file, place.line, place.column, text)
    return error("INVALID_GRAPHQL", failure.message, [location])


def _whole(source: SubgraphSource) -> SourceLocation:
    return SourceLocation(source.name, source.file)


def _locate(source: SubgraphSource, node: Node | None, lines: tuple[str, ...]) -> SourceLocation:
    named = getattr(node, "name", None) if node is not None and node.kind != "directive" else None
    loc = getattr(named, "loc", None) or getattr(node, "loc", None)
    if loc is None:
        return _whole(source)
    token = loc.start_token
    text = lines[token.line - 1] if 0 < token.line <= len(lines) else ""
    return SourceLocation(source.name, source.file, token.line, token.column, text)
