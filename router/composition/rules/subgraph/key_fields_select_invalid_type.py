"""KEY_FIELDS_SELECT_INVALID_TYPE: A @key selects no list, interface or union.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.field_sets import places, shown, uses_of
from router.composition.subgraph.model import Kind, Subgraph
from router.composition.subgraph.type_ref import is_list, named_type

_KINDS = (Kind.INTERFACE, Kind.UNION)


def key_fields_select_invalid_type(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @key selects no list, interface or union."""
    for use in uses_of(subgraph, "key"):
        for selected in use.fields:
            base = subgraph.types.get(named_type(selected.field.type))
            if is_list(selected.field.type) or (base is not None and base.kind in _KINDS):
                message = (
                    f'{shown(use)} selects "{selected.field.coordinate}" of type "{selected.field.type}".'
                )
                yield error("KEY_FIELDS_SELECT_INVALID_TYPE", message, places(subgraph, use, selected))
