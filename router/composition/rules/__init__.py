"""The rules of federation, a file per code.

`subgraph`: what one subgraph has to obey; `pre_merge`: what subgraphs have to obey together; `post_merge`:
what the merged schema has to obey; `hints`: what is allowed and may not have been meant. A rule is a
function that yields diagnostics; it reads and never changes. The modules beside the folders are what
several rules share. The rules that belong to one step stand beside it: on documents in
`subgraph.document_rules`, and those of `upgrade`, `satisfiability` and `contract`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.composition.diagnostics import Diagnostic
from router.composition.merge.model import MergedSchema
from router.composition.merge.view import SubgraphsView
from router.composition.progress import Progress, silent
from router.composition.rules import hints, post_merge, pre_merge
from router.composition.rules import subgraph as subgraph_rules
from router.composition.rules.invalid_subgraph_name import invalid_subgraph_name
from router.composition.source import SubgraphSource
from router.composition.subgraph.model import Subgraph


def check_sources(sources: Sequence[SubgraphSource]) -> Iterator[Diagnostic]:
    """Check the names of the subgraphs."""
    return invalid_subgraph_name(sources)


def check_subgraphs(subgraphs: Sequence[Subgraph], progress: Progress = silent) -> Iterator[Diagnostic]:
    """Check every subgraph by itself."""
    for done, subgraph in enumerate(subgraphs):
        progress("checking subgraphs", done, len(subgraphs))
        for rule in subgraph_rules.RULES:
            yield from rule(subgraph)


def check_view(view: SubgraphsView) -> Iterator[Diagnostic]:
    """Check all subgraphs together, errors and hints."""
    for rule in (*pre_merge.RULES, *hints.RULES):
        yield from rule(view)


def check_merged(schema: MergedSchema) -> Iterator[Diagnostic]:
    """Check the merged schema."""
    for rule in post_merge.RULES:
        yield from rule(schema)


def check_hidden(schema: MergedSchema) -> Iterator[Diagnostic]:
    """Check that what is visible of a merged schema is a schema by itself."""
    for rule in post_merge.HIDDEN_RULES:
        yield from rule(schema)
