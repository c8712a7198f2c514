"""EXTERNAL_TYPE_MISMATCH: An @external field has a type that covers the type its owners give it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import is_subtype, merge_output_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import by_subgraph, external_sources, field_places, resolved_sources


def external_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @external field has a type that covers the type its owners give it."""
    for coordinate in view.fields:
        resolved = resolved_sources(view, coordinate)
        merged = merge_output_type(view, [source.field.type for source in resolved]) if resolved else None
        for source in external_sources(view, coordinate) if merged else ():
            # Narrower or wider by nullability or subtype is harmless: the value is only read.
            if not is_subtype(view, merged or "", source.field.type) and not is_subtype(
                view, source.field.type, merged or ""
            ):
                types = by_subgraph([(s.subgraph, s.field.type) for s in [source, *resolved]])
                message = (
                    f'The @external field "{coordinate}" has another type than its owners give it: {types}.'
                )
                yield error("EXTERNAL_TYPE_MISMATCH", message, field_places([source, *resolved]))
