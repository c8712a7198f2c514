"""EXTERNAL_TYPE_MISMATCH: An @external field has the type its owners give it, or one below it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.references import is_subtype, merge_output_type
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import by_subgraph, external_sources, field_places, resolved_sources
from router.composition.subgraph.type_ref import named_type, with_named_type


def external_type_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An @external field has the type its owners give it, or one below it."""
    for coordinate in view.fields:
        resolved = resolved_sources(view, coordinate)
        merged = merge_output_type(view, [source.field.type for source in resolved]) if resolved else None
        for source in external_sources(view, coordinate) if merged else ():
            if merged is not None and not _fits(view, source.field.type, merged):
                types = by_subgraph([(s.subgraph, s.field.type) for s in [source, *resolved]])
                message = (
                    f'The @external field "{coordinate}" has another type than its owners give it: {types}.'
                )
                yield error("EXTERNAL_TYPE_MISMATCH", message, field_places([source, *resolved]))


def _fits(view: SubgraphsView, declared: str, merged: str) -> bool:
    # A difference in nullability is refused too: the declaration says what @requires and keys rely on.
    same_wrappers = with_named_type(declared, named_type(merged)) == merged
    return same_wrappers and is_subtype(view, named_type(declared), named_type(merged))
