"""INCONSISTENT_UNION_MEMBER: A member of a union is in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def inconsistent_union_member(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A member of a union is in some subgraphs only."""
    for name, sources in view.of_kind(Kind.UNION):
        for member in sorted({member for source in sources for member in source.definition.members}):
            having = [source for source in sources if member in source.definition.members]
            if len(having) < len(sources):
                message = f'The union "{name}" has the member "{member}" in some subgraphs only.'
                places = [source.subgraph.at(source.definition.members[member]) for source in having]
                yield hint("INCONSISTENT_UNION_MEMBER", message, places)
