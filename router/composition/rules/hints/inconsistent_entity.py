"""INCONSISTENT_ENTITY: A type has a @key in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import name_list
from router.composition.subgraph.model import Kind


def inconsistent_entity(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A type has a @key in some subgraphs only."""
    for name, sources in view.of_kind(Kind.OBJECT):
        plain = [source for source in sources if not source.definition.has("key")]
        if plain and len(plain) < len(sources):
            lacking = name_list([source.subgraph.name for source in plain])
            message = f'"{name}" is an entity, but has no @key in {lacking}.'
            places = [source.subgraph.at(source.definition) for source in plain]
            yield hint("INCONSISTENT_ENTITY", message, places)
