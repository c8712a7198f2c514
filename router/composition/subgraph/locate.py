"""Where a node of a subgraph's document stands in its text."""

from __future__ import annotations

from collections.abc import Callable

from graphql import Node

from router.composition.diagnostics import SourceLocation
from router.composition.source import SubgraphSource

Locate = Callable[[Node | None], SourceLocation]


def locator(source: SubgraphSource, lines: tuple[str, ...]) -> Locate:
    """Locates nodes of this source by their names; what has no place stands for the whole subgraph."""

    def locate(node: Node | None) -> SourceLocation:
        named = getattr(node, "name", None) if node is not None and node.kind != "directive" else None
        loc = getattr(named, "loc", None) or getattr(node, "loc", None)
        if loc is None:
            return SourceLocation(source.name, source.file)
        token = loc.start_token
        text = lines[token.line - 1] if 0 < token.line <= len(lines) else ""
        return SourceLocation(source.name, source.file, token.line, token.column, text)

    return locate
