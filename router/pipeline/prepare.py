"""Everything of a request that depends only on its text: accepted, planned, compiled once.

Two bounded caches: accepted operations by text and operation name; prepared ones by these, the values of the
variables that steer @skip, @include and @defer, the active labels of progressive overrides, and whether the
client takes an answer in parts. What is in neither is made on the planning thread. An operation that is used
again is compiled to code there, while the interpreter goes on executing it.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLSchema

from router.config import LimitsConfig
from router.executor.compiled import CompiledPlan, compile_plan
from router.graph import Graph
from router.operation import (
    Operation,
    RestrictedOperation,
    normalize_operation,
    restrict_operation,
)
from router.operation.restrict import StaticPath
from router.pipeline.accept import (
    AcceptedOperation,
    accept_operation,
    choose_operation,
    valid_document,
)
from router.pipeline.cache import BoundedCache
from router.pipeline.demand.compile import OperationCost
from router.pipeline.guards import Guards
from router.pipeline.parse import parse_document
from router.pipeline.planning_thread import PlanningThread
from router.plan import Plan
from router.planner import Explanation, PlanTrace, explain_plan, plan_operation
from router.planner.check import check_plan
from router.planner.stages import print_stages
from router.projection import Projection, compile_deferred, compile_projection
from router.supergraph import Supergraph
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading
from router.telemetry.record import OperationRecord, phase

# What a worker holds at most, measured with operations of some 60 fields: 1.3 kB for an accepted one besides
# its text, 15 kB for a plan, 25 kB for its projection, 80 kB for its code and types.
ACCEPTED_MAX = 2_000
PREPARED_MAX = 200
COMPILED_MAX = 50
# Types and functions are freed by Python's collector only, which a server lets run seldom.
EVICTED_BEFORE_COLLECTION = 15
# Syntax trees between being accepted and being planned.
DOCUMENTS_MAX = 16
# One for each set of override labels in use; a rollout has a few at a time.
GRAPHS_MAX = 32
# The first execution of an operation is interpreted: most of what is asked once is never asked again.
COMPILE_AFTER = 1


@dataclass(frozen=True, slots=True)
class PlanVariant:
    """What decides a plan besides the operation.

    Those are the active override labels, whether fragments are deferred, and which of the operation's guards
    the viewer does not pass, as bits in their order.
    """

    labels: frozenset[str] = frozenset()
    defers: bool = False
    denied: int = 0


class PreparedOperation:
    """An operation ready to run; `uses` counts its executions until it is compiled.

    `cost` is there where operations are weighed. `denied` are the paths of what the viewer may not read:
    `operation` shows it as null, and `plan` does not ask for it.
    """

    __slots__ = ("_projections", "_schema", "cost", "denied", "operation", "plan", "uses")

    def __init__(
        self, schema: GraphQLSchema, operation: Operation, plan: Plan, denied: Sequence[StaticPath] = ()
    ) -> None:
        self.operation = operation
        self.plan = plan
        self.cost: OperationCost | None = None
        self.denied = denied
        self.uses = 0
        self._schema = schema
        self._projections: tuple[Projection, ...] | None = None

    @property
    def projection(self) -> Projection:
        """What shapes the response, made on first use."""
        return self.make_projections()[0]

    @property
    def deferred(self) -> Sequence[Projection]:
        """What shapes each deferred part, in their order."""
        return self.make_projections()[1:]

    def forget_projections(self) -> None:
        """Gives their memory back, once answers that need them have become rare."""
        self._projections = None

    def make_projections(self) -> tuple[Projection, ...]:
        """Returns all projections, the initial response's first."""
        if self._projections is None:
            initial = compile_projection(self._schema, self.operation)
            deferred = (compile_deferred(self._schema, group) for group in self.operation.groups)
            self._projections = (initial, *deferred)
        return self._projections


@dataclass(frozen=True, slots=True)
class InspectedPlan:
    """A plan for people: why each fetch exists, what the soundness check found, each stage as printed.

    `problems` should be empty. `stages` are (name, text) pairs, of queries and on demand.
    """

    plan: Plan
    explanations: tuple[Explanation, ...]
    problems: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]


class Preparer:
    """Prepares operations over one supergraph.

    `accepted`, `prepared` and `compiled` belong to the event loop; what `_make...` do runs on any thread.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        limits: LimitsConfig,
        compile_after: int | None = COMPILE_AFTER,
        thread: PlanningThread | None = None,
        guards: Guards | None = None,
    ) -> None:
        self._guards = guards or Guards()
        self._supergraph = supergraph
        self._limits = limits
        self._compile_after = compile_after
        self._thread = thread or PlanningThread()
        self._lock = threading.Lock()
        self._graphs: BoundedCache[Graph] = BoundedCache(GRAPHS_MAX)
        self._documents: BoundedCache[DocumentNode] = BoundedCache(DOCUMENTS_MAX)
        self._accepted: BoundedCache[AcceptedOperation] = BoundedCache(ACCEPTED_MAX)
        self._prepared: BoundedCache[PreparedOperation] = BoundedCache(PREPARED_MAX)
        self._compiled: BoundedCache[CompiledPlan | _Uncompilable] = BoundedCache(COMPILED_MAX)
        self._next_collection_at = EVICTED_BEFORE_COLLECTION

    # -- for requests --------------------------------------------------------------------------------

    async def accepted(
        self, query: str, name: str | None, record: OperationRecord | None = None
    ) -> AcceptedOperation:
        """Returns the operation of a valid document; raises ClientError or RefusedError."""
        key = (query, name)
        found = self._accepted.get(key)
        if found is None:
            made = await self._thread.run((self, key), lambda: self.accept(query, name, record))
            found = self._accepted.keep(key, made)
        found.uses += 1
        return found

    async def prepared(
        self,
        accepted: AcceptedOperation,
        coerced: Mapping[str, Any],
        variant: PlanVariant,
        record: OperationRecord | None = None,
    ) -> PreparedOperation:
        """Returns the planned operation; raises PlanningError."""
        conditions = condition_values(accepted, coerced)
        key = (accepted, tuple(conditions.items()), variant.labels, variant.defers, variant.denied)
        found = self._prepared.get(key)
        if found is None:
            made = await self._thread.run(
                (self, key), lambda: self.prepare(accepted, conditions, variant, record)
            )
            found = self._prepared.keep(key, made)
        return found

    async def compiled(self, prepared: PreparedOperation, *, at_once: bool = False) -> CompiledPlan | None:
        """Returns the operation as code once it is executed often enough for that to pay, else None."""
        if self._compile_after is None or prepared.denied:
            return None
        prepared.uses += 1
        if prepared.uses <= self._compile_after and not at_once:
            return None
        found = self._compiled.get(prepared)
        if found is None:
            made = await self._thread.run((self, prepared), lambda: self._compile(prepared))
            found = self._compiled.keep(prepared, made)
        return None if isinstance(found, _Uncompilable) else found

    def most_used(self, count: int) -> list[AcceptedOperation]:
        """Returns the operations that were asked for most often, the first ones first."""
        return sorted(self._accepted.values(), key=lambda one: -one.uses)[:count]

    def readings(self) -> Iterator[Reading]:
        """Yields how the caches do."""
        caches = (("documents", self._accepted), ("operations", self._prepared), ("compiled", self._compiled))
        for name, cache in caches:
            yield Reading(catalogue.PLAN_CACHE_REQUESTS, cache.hits, (name, "hit"))
            yield Reading(catalogue.PLAN_CACHE_REQUESTS, cache.misses, (name, "miss"))
            yield Reading(catalogue.PLAN_CACHE_ENTRIES, len(cache), (name,))

    def close(self) -> None:
        """Ends the planning thread."""
        self._thread.close()

    # -- on any thread -------------------------------------------------------------------------------

    def accept(
        self, query: str, name: str | None, record: OperationRecord | None = None
    ) -> AcceptedOperation:
        """Returns the operation of a document, accepted anew; raises ClientError or RefusedError."""
        schema = self._supergraph.api_schema
        with self._lock:
            policy = self._guards.introspection
            hides = policy is not None and policy.hides_suggestions
            document = valid_document(schema, self._limits, query, record, hides_suggestions=hides)
            self._documents.keep(query, document)
            return accept_operation(
                self._supergraph, document, query, name, self._limits.max_list_items, hides_suggestions=hides
            )

    def prepare(
        self,
        accepted: AcceptedOperation,
        conditions: Mapping[str, bool],
        variant: PlanVariant = PlanVariant(),
        record: OperationRecord | None = None,
    ) -> PreparedOperation:
        """Returns the operation, planned anew; raises PlanningError."""
        labels = variant.labels
        with self._lock:
            with phase(record, "normalize"):
                normalized = self._normalize(accepted, conditions, defers=variant.defers)
                restricted = self._restrict(accepted, normalized, variant.denied)
            with phase(record, "plan"):
                graph = self._graphs.get_or_make(labels, lambda: Graph(self._supergraph, labels))
                plan = plan_operation(graph, restricted.asked)
            schema = self._supergraph.api_schema
            prepared = PreparedOperation(schema, restricted.shown, plan, restricted.denied)
            if self._guards.costs is not None:
                prepared.cost = self._guards.costs.compile(restricted.asked)
            if self._compile_after != 0:
                prepared.make_projections()  # here, beside the event loop: the first execution needs them
            return prepared

    def inspect(
        self, accepted: AcceptedOperation, conditions: Mapping[str, bool], *, with_stages: bool = False
    ) -> InspectedPlan:
        """Plans the operation anew and returns what planning decided; raises PlanningError."""
        normalized = self._normalize(accepted, conditions, defers=accepted.defers)
        graph, trace = Graph(self._supergraph), PlanTrace()
        plan = plan_operation(graph, normalized, trace)
        problems = tuple(check_plan(self._supergraph, normalized, plan))
        shows = with_stages and normalized.kind == "query"
        stages = tuple(print_stages(graph, normalized)) if shows else ()
        return InspectedPlan(plan, explain_plan(graph, plan, trace), problems, stages)

    def _normalize(
        self, accepted: AcceptedOperation, conditions: Mapping[str, bool], *, defers: bool
    ) -> Operation:
        document = accepted.document or self._documents.get_or_make(
            accepted.query, lambda: parse_document(accepted.query, self._limits)
        )
        operation = choose_operation(document, accepted.requested_name)
        return normalize_operation(self._supergraph, document, operation, conditions, defers=defers)

    def _restrict(
        self, accepted: AcceptedOperation, operation: Operation, denied: int
    ) -> RestrictedOperation:
        if denied:
            guards = frozenset(one for place, one in enumerate(accepted.guards) if denied >> place & 1)
            restricted = restrict_operation(self._supergraph, operation, guards)
            if restricted.denied:
                return restricted
        return RestrictedOperation(operation, operation, ())

    def _compile(self, prepared: PreparedOperation) -> CompiledPlan | _Uncompilable:
        if self._compiled.evicted >= self._next_collection_at:
            self._next_collection_at = self._compiled.evicted + EVICTED_BEFORE_COLLECTION
            gc.collect()
        found = compile_plan(self._supergraph.api_schema, prepared.operation, prepared.plan)
        if found is None:
            return _Uncompilable()
        prepared.forget_projections()
        return found


class _Uncompilable:
    """Stands for the code of an operation that only the interpreter runs."""


def condition_values(accepted: AcceptedOperation, coerced: Mapping[str, Any]) -> dict[str, bool]:
    """Returns the values of the variables that steer conditions, but for those that were not given."""
    return {name: bool(coerced[name]) for name in accepted.conditions if name in coerced}
