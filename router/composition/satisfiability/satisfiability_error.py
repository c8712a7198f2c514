"""SATISFIABILITY_ERROR: every field of the API schema can be reached by every operation that selects it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedSchema
from router.composition.satisfiability.walk import Unreachable


def satisfiability_error(schema: MergedSchema, found: Unreachable) -> Diagnostic:
    """Every field can be reached; of one that cannot, say by which operation and why."""
    why = "\n".join(f"- {reason}" for reason in found.reasons)
    message = (
        f'"{found.coordinate}" cannot be reached by this operation:\n{found.witness}\n'
        f"No subgraph can answer it there:\n{why}"
    )
    places = [source.subgraph.at(source.field) for source in schema.view.fields.get(found.coordinate, ())]
    return error("SATISFIABILITY_ERROR", message, places)
