"""One request through the whole router."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import random
from typing import Any

from graphql import OperationDefinitionNode, OperationType, print_schema

from router.config import LimitsConfig
from router.errors import ClientError, PlanningError
from router.executor import FetchContext, execute_plan
from router.executor.introspection import introspect
from router.executor.transport.client import SubgraphClient
from router.pipeline.incremental import answer_in_parts
from router.pipeline.labels import OverrideLabels
from router.pipeline.prepare import (
    InspectedPlan,
    PlanVariant,
    PreparedOperation,
    Preparer,
    RefusedError,
    ValidDocument,
)
from router.pipeline.request import GraphQLRequest, RequestContext
from router.plan import Plan
from router.response.incremental import Payload
from router.response.result import GraphQLResult, ResponseError
from router.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class _Checked:
    """A request whose document and variables were accepted."""

    document: ValidDocument
    operation: OperationDefinitionNode
    coerced: Mapping[str, Any]
    prepared: PreparedOperation


class Router:
    """Executes operations over one supergraph; `clients` are keyed by subgraph name.

    `override_labels` are the named labels of progressive overrides that always hold; `draw` gives a number
    from 0 up to 1 for those by percent.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        clients: Mapping[str, SubgraphClient],
        limits: LimitsConfig | None = None,
        override_labels: Iterable[str] = (),
        draw: Callable[[], float] = random,
    ) -> None:
        self.supergraph = supergraph
        self._labels = OverrideLabels(supergraph, override_labels, draw)
        self._clients = dict(clients)
        self._preparer = Preparer(supergraph, limits or LimitsConfig())

    @cached_property
    def schema_sdl(self) -> str:
        """The API schema in SDL."""
        return print_schema(self.supergraph.api_schema)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the response of one operation. A refused request raises nothing: it is a result too."""
        checked = self._prepare(request, context, defers=False)
        return checked if isinstance(checked, GraphQLResult) else await self._run(request, context, checked)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that defers fragments, the result of any other.

        The generator must be closed: that cancels what is under way.
        """
        checked = self._prepare(request, context, defers=True)
        if isinstance(checked, GraphQLResult):
            return checked
        if not checked.prepared.plan.parts:
            return await self._run(request, context, checked)
        fetch_context = FetchContext(self._clients, request.variables, context.headers)
        return answer_in_parts(checked.prepared, fetch_context, self._introspect(checked))

    def _prepare(
        self, request: GraphQLRequest, context: RequestContext, *, defers: bool
    ) -> _Checked | GraphQLResult:
        """Returns the operation ready to run, or the result that refuses it."""
        try:
            document = self._preparer.document(request.query)
            operation = self._preparer.choose_operation(document, request.operation_name)
            self._check_kind(operation, context)
            coerced = self._preparer.coerce_variables(operation, request.variables)
            labels = self._labels.active(context.override_labels)
            variant = PlanVariant(labels, defers and document.defers)
            prepared = self._preparer.prepare(request, document, operation, coerced, variant)
        except RefusedError as refused:
            return GraphQLResult.refused(*refused.errors)
        except ClientError as error:
            return GraphQLResult.refused(ResponseError.of(error))
        except PlanningError as error:
            return GraphQLResult.refused(ResponseError(error.message, error.code))
        return _Checked(document, operation, coerced, prepared)

    def plan(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> Plan:
        """Returns the plan of an operation, deferred parts included.

        Raises ClientError, RefusedError or PlanningError.
        """
        document, operation, coerced = self._accept(query, operation_name, variables)
        variant = PlanVariant(defers=document.defers)
        request = GraphQLRequest(query, operation_name)
        return self._preparer.prepare(request, document, operation, coerced, variant).plan

    def inspect(
        self,
        query: str,
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        with_stages: bool = False,
    ) -> InspectedPlan:
        """Returns the plan of an operation made anew, with why it is so and what is wrong with it.

        Raises what `plan` raises.
        """
        document, operation, coerced = self._accept(query, operation_name, variables)
        return self._preparer.inspect(document, operation, coerced, with_stages=with_stages)

    def _accept(
        self, query: str, operation_name: str | None, variables: Mapping[str, Any] | None
    ) -> tuple[ValidDocument, OperationDefinitionNode, Mapping[str, Any]]:
        """Returns the document, the operation and its variables' values; raises what refuses them."""
        document = self._preparer.document(query)
        operation = self._preparer.choose_operation(document, operation_name)
        return document, operation, self._preparer.coerce_variables(operation, variables or {})

    async def close(self) -> None:
        """Closes the clients."""
        for client in self._clients.values():
            await client.close()

    @staticmethod
    def _check_kind(operation: OperationDefinitionNode, context: RequestContext) -> None:
        if operation.operation is OperationType.SUBSCRIPTION:
            raise ClientError("Subscriptions are not served over this transport.", "OPERATION_NOT_SUPPORTED")
        if operation.operation is OperationType.MUTATION and not context.allow_mutations:
            raise ClientError("Mutations are only allowed over POST.", "METHOD_NOT_ALLOWED")

    async def _run(
        self, request: GraphQLRequest, context: RequestContext, checked: _Checked
    ) -> GraphQLResult:
        fetch_context = FetchContext(self._clients, request.variables, context.headers)
        executed = await execute_plan(checked.prepared.plan, fetch_context)
        executed.data.update(self._introspect(checked))
        data, found = checked.prepared.projection.project(executed.data, executed.errors)
        return GraphQLResult(data, (*executed.errors, *found))

    def _introspect(self, checked: _Checked) -> dict[str, Any]:
        if not checked.document.introspects:
            return {}
        schema, node = self.supergraph.api_schema, checked.document.node
        return introspect(schema, node, checked.operation, checked.coerced)
