"""COST_APPLIED_TO_INTERFACE_FIELD: No field of an interface carries @cost.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Kind, Subgraph


def cost_applied_to_interface_field(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """No field of an interface carries @cost."""
    for definition, field in subgraph.fields():
        for applied in field.all("cost"):
            if definition.kind is Kind.INTERFACE:
                message = f'@cost is on the interface field "{field.coordinate}".'
                yield error("COST_APPLIED_TO_INTERFACE_FIELD", message, [subgraph.at(applied)])
