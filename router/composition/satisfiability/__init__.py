"""Can every field of the API schema be reached, wherever an operation meets it?

In: the merged schema. Out: SATISFIABILITY_ERROR diagnostics, each with a witness operation and, per
subgraph, the reason why it cannot help. Steps: `facts` turns the merged schema into what the graph of moves
reads; `walk` goes through every (object type, subgraphs it may stand in) that operations can produce;
`reach` says what can be read and where one can jump from there; `reasons` and `witness` explain a field
that nothing reaches.

The problem is a reachability over states: an object type with the set of graph nodes that may hold the
object, all of them at hand at once, since a router may fetch from several. A state's closure adds every
node a key leads to. A state is walked once per closure, and not at all when a smaller one of the same type
was: more nodes only help. States are therefore bounded by the distinct closures per type, and the number is
capped in the options.
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.merge.model import MergedSchema
from router.composition.options import CompositionOptions
from router.composition.satisfiability.facts import supergraph_facts
from router.composition.satisfiability.max_validation_subgraph_paths_exceeded import (
    max_validation_subgraph_paths_exceeded,
)
from router.composition.satisfiability.reach import Reach
from router.composition.satisfiability.satisfiability_error import satisfiability_error
from router.composition.satisfiability.shareable_has_mismatched_runtime_types import (
    shareable_has_mismatched_runtime_types,
)
from router.composition.satisfiability.walk import StatesExceededError, Walk
from router.graph import Graph

LABEL_SETS_MAX = 16


def check_satisfiability(schema: MergedSchema, options: CompositionOptions) -> Iterator[Diagnostic]:
    """Check every field under every kind of progressive override: no label active, each alone, all."""
    facts = supergraph_facts(schema)
    reported: set[str] = set()
    for labels in _label_sets(schema):
        walk = Walk(schema, Reach(Graph(facts, labels)), options)
        try:
            for problem in walk.run():
                if problem.coordinate not in reported:
                    reported.add(problem.coordinate)
                    yield satisfiability_error(schema, problem)
            yield from shareable_has_mismatched_runtime_types(schema.view, walk.shared)
        except StatesExceededError as exceeded:
            yield max_validation_subgraph_paths_exceeded(exceeded)
            return


def _label_sets(schema: MergedSchema) -> list[frozenset[str]]:
    labels = sorted(set(schema.view.overrides.labels.values()))
    sets = [frozenset[str](), *(frozenset([label]) for label in labels), frozenset(labels)]
    return list(dict.fromkeys(sets))[:LABEL_SETS_MAX]
