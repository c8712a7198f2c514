"""From raw SDL to a valid subgraph.

In: the text of one subgraph. Out: its model, with extensions folded in, directive names made canonical and
field sets resolved; or the diagnostics that say why there is none. Steps: parse, read links, strip what a
federated server adds, check definitions and GraphQL itself, build the model, analyse it.
It does not look at other subgraphs.
"""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.diagnostics import Diagnostic
from router.composition.progress import Progress, silent
from router.composition.source import SubgraphSource
from router.composition.subgraph.ingest import ingest_subgraph
from router.composition.subgraph.model import Subgraph
from router.federation.join import graph_names


def read_subgraphs(
    sources: Sequence[SubgraphSource], progress: Progress = silent
) -> tuple[list[Subgraph], list[Diagnostic]]:
    """Read every subgraph, in order of name; those with errors are left out."""
    graphs = graph_names(sorted(source.name for source in sources))
    subgraphs: list[Subgraph] = []
    problems: list[Diagnostic] = []
    for done, source in enumerate(sorted(sources, key=lambda source: source.name)):
        progress("reading subgraphs", done, len(sources))
        subgraph, found = ingest_subgraph(source)
        problems += found
        if subgraph is not None:
            subgraph.graph = graphs[source.name]
            subgraphs.append(subgraph)
    return subgraphs, problems
