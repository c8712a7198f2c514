"""Everything of a request that depends only on its text: parsed, validated, planned, compiled once.

Two caches, both bounded: documents by text, and prepared operations by text, operation name, the values of
the variables that steer @skip, @include and @defer, the active labels of progressive overrides, and whether
the client takes an answer in parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    get_operation_ast,
    get_variable_values,
    validate,
)

from router.config import LimitsConfig
from router.errors import ClientError
from router.graph import Graph
from router.operation import Operation, condition_variables, normalize_operation
from router.pipeline.cache import BoundedCache
from router.pipeline.limits import check_operation
from router.pipeline.parse import parse_document
from router.pipeline.refuse import refuse_stream, response_error
from router.pipeline.request import GraphQLRequest
from router.plan import Plan
from router.planner import Explanation, PlanTrace, explain_plan, plan_operation
from router.planner.check import check_plan
from router.planner.stages import print_stages
from router.projection import Projection, compile_deferred, compile_projection
from router.response.result import ResponseError
from router.supergraph import Supergraph

DOCUMENTS_MAX = 2_000
OPERATIONS_MAX = 4_000
# One for each set of override labels in use; a rollout has a few at a time.
GRAPHS_MAX = 32


class RefusedError(Exception):
    """A document or its variables were refused; `errors` go to the client."""

    def __init__(self, *errors: ResponseError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A document that passed validation, and the variables its plans depend on."""

    node: DocumentNode
    conditions: tuple[str, ...]
    introspects: bool
    defers: bool


@dataclass(frozen=True, slots=True)
class PlanVariant:
    """What decides a plan besides the operation: active override labels, whether fragments are deferred."""

    labels: frozenset[str] = frozenset()
    defers: bool = False


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation ready to run; `deferred` are the projections of its deferred parts, in their order."""

    operation: Operation
    plan: Plan
    projection: Projection
    deferred: tuple[Projection, ...] = ()


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
    """Prepares operations over one supergraph."""

    def __init__(self, supergraph: Supergraph, limits: LimitsConfig) -> None:
        self._supergraph = supergraph
        self._limits = limits
        self._graphs: BoundedCache[Graph] = BoundedCache(GRAPHS_MAX)
        self._documents: BoundedCache[ValidDocument] = BoundedCache(DOCUMENTS_MAX)
        self._operations: BoundedCache[PreparedOperation] = BoundedCache(OPERATIONS_MAX)

    def document(self, query: str) -> ValidDocument:
        """Returns the validated document; raises ClientError or RefusedError."""
        return self._documents.get_or_make(query, lambda: self._validate(query))

    def _validate(self, query: str) -> ValidDocument:
        node = parse_document(query, self._limits)
        refuse_stream(node, self._supergraph.api_schema)
        errors = validate(self._supergraph.api_schema, node, max_errors=self._limits.max_errors)
        if errors:
            raise RefusedError(*(response_error(e, "GRAPHQL_VALIDATION_FAILED") for e in errors))
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                check_operation(node, definition, self._limits)
        introspects = "__schema" in query or "__type" in query.replace("__typename", "")
        return ValidDocument(node, condition_variables(node), introspects, "@defer" in query)

    @staticmethod
    def choose_operation(document: ValidDocument, name: str | None) -> OperationDefinitionNode:
        """Returns the operation the request names, or the only one; raises ClientError."""
        found = get_operation_ast(document.node, name)
        if found is not None:
            return found
        if name is None:
            message = "Must provide operation name if query contains multiple operations."
        else:
            message = f'Unknown operation named "{name}".'
        raise ClientError(message, "OPERATION_NOT_FOUND")

    def coerce_variables(
        self, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Returns the variables' values with defaults; raises RefusedError when one is of a wrong type."""
        definitions = operation.variable_definitions or ()
        try:
            coerced = get_variable_values(
                self._supergraph.api_schema, definitions, dict(given), max_errors=50
            )
        except GraphQLError as error:
            raise RefusedError(response_error(error, "BAD_USER_INPUT")) from error
        if isinstance(coerced, list):
            raise RefusedError(*(response_error(error, "BAD_USER_INPUT") for error in coerced))
        return coerced.coerced

    def prepare(
        self,
        request: GraphQLRequest,
        document: ValidDocument,
        operation: OperationDefinitionNode,
        coerced: Mapping[str, Any],
        variant: PlanVariant = PlanVariant(),
    ) -> PreparedOperation:
        """Returns the planned and compiled operation; raises PlanningError."""
        conditions = condition_values(document, coerced)
        name = operation.name.value if operation.name else None
        key = (request.query, name, tuple(conditions.items()), variant)

        def make() -> PreparedOperation:
            schema, labels = self._supergraph.api_schema, variant.labels
            normalized = normalize_operation(
                self._supergraph, document.node, operation, conditions, defers=variant.defers
            )
            graph = self._graphs.get_or_make(labels, lambda: Graph(self._supergraph, labels))
            plan = plan_operation(graph, normalized)
            deferred = tuple(compile_deferred(schema, group) for group in normalized.groups)
            return PreparedOperation(normalized, plan, compile_projection(schema, normalized), deferred)

        return self._operations.get_or_make(key, make)

    def inspect(
        self,
        document: ValidDocument,
        operation: OperationDefinitionNode,
        coerced: Mapping[str, Any],
        *,
        with_stages: bool = False,
    ) -> InspectedPlan:
        """Plans the operation anew and returns what planning decided; raises PlanningError."""
        conditions = condition_values(document, coerced)
        normalized = normalize_operation(
            self._supergraph, document.node, operation, conditions, defers=document.defers
        )
        graph, trace = Graph(self._supergraph), PlanTrace()
        plan = plan_operation(graph, normalized, trace)
        problems = tuple(check_plan(self._supergraph, normalized, plan))
        shows = with_stages and normalized.kind == "query"
        stages = tuple(print_stages(graph, normalized)) if shows else ()
        return InspectedPlan(plan, explain_plan(graph, plan, trace), problems, stages)


def condition_values(document: ValidDocument, coerced: Mapping[str, Any]) -> dict[str, bool]:
    """Returns the values of the variables that steer conditions, but for those that were not given."""
    return {name: bool(coerced[name]) for name in document.conditions if name in coerced}
