"""Worlds whose supergraph our own composer makes."""

from __future__ import annotations

from collections.abc import Mapping

from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@external", "@requires", "@shareable"])\n'
)


def compose(subgraph_sdls: Mapping[str, str]) -> str:
    """Returns the supergraph of subgraphs that compose."""
    composition = compose_supergraph(
        [SubgraphSource(name, sdl, f"http://{name}.test/graphql") for name, sdl in subgraph_sdls.items()]
    )
    assert composition.supergraph_sdl is not None, [str(each) for each in composition.diagnostics]
    return composition.supergraph_sdl
