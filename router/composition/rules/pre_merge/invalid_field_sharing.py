"""INVALID_FIELD_SHARING: A field that several subgraphs resolve is @shareable in all of them.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import field_places, name_list
from router.composition.rules.sharing import resolving_sources


def invalid_field_sharing(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field that several subgraphs resolve is @shareable in all of them."""
    for coordinate in view.fields:
        sources = resolving_sources(view, coordinate)
        unshared = [s for s in sources if s.field.coordinate not in s.subgraph.shareable]
        if len(sources) < 2 or not unshared:
            continue
        resolvers = name_list([source.subgraph.name for source in sources])
        missing = name_list([source.subgraph.name for source in unshared])
        message = f'"{coordinate}" is resolved by {resolvers}, but it is not @shareable in {missing}.'
        if coordinate.startswith("Subscription."):
            message = f'The subscription "{coordinate}" is resolved by {resolvers}; only one can serve it.'
        yield error("INVALID_FIELD_SHARING", message, field_places(sources))
