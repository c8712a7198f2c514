"""The query plan as data: fetches, what each needs and where its answer goes; and its printers.

A plan is a graph of fetches by dependency, not a nest of sequences: a fetch may start when those named in
`after` have arrived. In: nothing. Out: frozen values and their text. It must not plan or execute.
"""

from router.plan.model import (
    ContextValue,
    DeferredPart,
    Entities,
    Fetch,
    FetchedField,
    PathStep,
    Plan,
    Representation,
    RepresentedField,
)
from router.plan.printer import plan_to_map, print_plan

__all__ = [
    "ContextValue",
    "DeferredPart",
    "Entities",
    "Fetch",
    "FetchedField",
    "PathStep",
    "Plan",
    "Representation",
    "RepresentedField",
    "plan_to_map",
    "print_plan",
]
