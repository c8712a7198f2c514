"""From Federation 1 to Federation 2.

In: the subgraphs, some of which link no federation version. Out: the same subgraphs, where those mean in
Federation 2 what they meant in Federation 1. Steps, in order: check extensions, read old spellings, drop
@external where it never counted, drop what @provides and @requires never did, drop `extend`, drop unused
externals, share what other subgraphs resolve too.
It changes models of Federation 1 subgraphs only.
"""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.diagnostics import Diagnostic
from router.composition.subgraph.analyse import analyse_subgraph
from router.composition.subgraph.model import Subgraph
from router.composition.upgrade.drop_dead_directives import drop_dead_directives
from router.composition.upgrade.drop_external_on_extensions import drop_external_on_extensions
from router.composition.upgrade.drop_unused_externals import drop_unused_externals
from router.composition.upgrade.extension_with_no_base import extension_with_no_base
from router.composition.upgrade.read_old_spellings import read_old_spellings
from router.composition.upgrade.share_resolved_fields import share_resolved_fields
from router.composition.upgrade.trim_provides_and_requires import trim_provides_and_requires


def upgrade_subgraphs(subgraphs: Sequence[Subgraph]) -> list[Diagnostic]:
    """Upgrade every Federation 1 subgraph in place."""
    old = [subgraph for subgraph in subgraphs if subgraph.is_federation_1]
    problems = [problem for subgraph in old for problem in extension_with_no_base(subgraph, subgraphs)]
    if problems:
        return problems
    for subgraph in old:
        read_old_spellings(subgraph)
        drop_dead_directives(subgraph)
        analyse_subgraph(subgraph)
    # The first keys of owning types are looked up across subgraphs, so all lose their extensions afterwards.
    for subgraph in old:
        drop_external_on_extensions(subgraph, subgraphs)
    for subgraph in old:
        trim_provides_and_requires(analyse_subgraph(subgraph))
        for definition in subgraph.types.values():
            definition.is_extension = False
        problems += drop_unused_externals(analyse_subgraph(subgraph))
        analyse_subgraph(subgraph)
    for subgraph in old:
        share_resolved_fields(subgraph, subgraphs)
    for subgraph in old:
        analyse_subgraph(subgraph)
    return problems
