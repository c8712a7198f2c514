"""INCONSISTENT_OBJECT_VALUE_TYPE_FIELD: A field of a value type is in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.merge import ROOTS
from router.composition.merge.view import SubgraphsView
from router.composition.rules.partial_fields import partial_fields
from router.composition.subgraph.model import Kind


def inconsistent_object_value_type_field(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A field of a value type is in some subgraphs only."""
    for name, sources in view.of_kind(Kind.OBJECT):
        if name in ROOTS or any(source.definition.has("key") for source in sources):
            continue
        for coordinate, places in partial_fields(sources):
            message = f'"{coordinate}" of a value type is in some subgraphs only.'
            yield hint("INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", message, places)
