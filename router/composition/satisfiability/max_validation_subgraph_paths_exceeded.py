"""MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: the check of satisfiability stays within the limits of the options.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from router.composition.diagnostics import Diagnostic, error
from router.composition.satisfiability.walk import StatesExceededError


def max_validation_subgraph_paths_exceeded(exceeded: StatesExceededError) -> Diagnostic:
    """The check of satisfiability stays within the limits of the options."""
    message = (
        f"The check of satisfiability met more than {exceeded.states_max} states, or {exceeded.ways} "
        f'ways to reach "{exceeded.type_name}" at once.'
    )
    return error("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", message)
