"""INTERFACE_FIELD_NO_IMPLEM: Every implementation of a merged interface has all of its fields.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedSchema
from router.composition.rules.arguments import name_list
from router.composition.rules.hidden import where


def interface_field_no_implem(schema: MergedSchema) -> Iterator[Diagnostic]:
    """Every implementation of a merged interface has all of its fields."""
    for merged in schema.types.values():
        for name in merged.implements:
            interface = schema.types.get(name)
            for field in interface.fields.values() if interface else ():
                if field.name not in merged.fields:
                    defining = name_list([source.subgraph.name for source in field.sources])
                    message = (
                        f'"{merged.name}" implements "{name}", but no subgraph gives it the field '
                        f'"{field.name}", which the interface has in {defining}.'
                    )
                    yield error("INTERFACE_FIELD_NO_IMPLEM", message, where(schema, merged, field))
