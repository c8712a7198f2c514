"""What a composite field asks of its values, for each object type they may be of.

Which fields those are may hang on variables, by @skip and @include; then there is a plan for each combination
of their values that occurs, and the run remembers which is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLObjectType, SelectionSetNode

from subgraphs.kit.execution.collecting import FieldCollector, find_conditions
from subgraphs.kit.execution.object_plan import ObjectPlan
from subgraphs.kit.execution.paths import LightPath

VARIANTS_MAX = 64
"""Plans kept per selection; a client that plays with many conditions must not fill the memory."""


class Selection:
    """The selection sets of the nodes of one field, or of the operation."""

    def __init__(self, compilation: Any, sets: Sequence[SelectionSetNode], declared: Any) -> None:
        self._compilation = compilation
        self._sets = sets
        self._declared = declared
        self._index = compilation.next_index()
        self.conditions = find_conditions(sets, compilation.fragments)
        self._plans: dict[Any, ObjectPlan] = {}
        self.run: Any = self._run_first
        """Completes an object of the declared type; replaced by the plan's function where one is enough."""

    def _run_first(self, run: Any, source: Any, path: LightPath | None) -> Any:
        if self.conditions:
            self.run = self._run_variant
            return self._run_variant(run, source, path)
        plan = self.plan_of(self._declared, run)
        completed = plan.run(run, source, path)
        self.run = plan.run
        return completed

    def _run_variant(self, run: Any, source: Any, path: LightPath | None) -> Any:
        return self.run_as(self._declared, run, source, path)

    def run_as(self, object_type: GraphQLObjectType, run: Any, source: Any, path: LightPath | None) -> Any:
        """Completes an object of this type."""
        if not self.conditions:
            plan = self._plans.get(object_type.name)
            return (plan or self.plan_of(object_type, run)).run(run, source, path)
        chosen = run.variants.get((self._index, object_type.name))
        if chosen is None:
            chosen = run.variants[(self._index, object_type.name)] = self.plan_of(object_type, run)
        return chosen.run(run, source, path)

    def plan_of(self, object_type: GraphQLObjectType, run: Any) -> ObjectPlan:
        """Returns the plan for the type under the run's variables; raises when a condition has no value."""
        if self.conditions:
            coerced = run.variable_values.coerced
            key: Any = (object_type.name, *(coerced.get(name) for name in self.conditions))
        else:
            key = object_type.name
        plan = self._plans.pop(key, None)
        if plan is None:
            compilation = self._compilation
            collector = FieldCollector(
                compilation.schema, compilation.fragments, run.variable_values, compilation.hide_suggestions
            )
            plan = ObjectPlan(compilation, object_type, collector.collect(object_type, self._sets))
        # Put last again: the first is the one that was not used for longest.
        self._plans[key] = plan
        if self.conditions and len(self._plans) > VARIANTS_MAX:
            self._plans.pop(next(iter(self._plans)), None)
        return plan
