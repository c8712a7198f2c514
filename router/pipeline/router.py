"""One request through the whole router."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import random
from typing import TYPE_CHECKING, Any

from graphql import print_schema
from msgspec import Struct
from msgspec.structs import replace

from router.config import LimitsConfig
from router.errors import ClientError, PlanningError
from router.executor import FetchContext, execute_plan
from router.executor.compiled import run_compiled
from router.executor.introspection import introspect
from router.executor.transport.client import SubgraphClient
from router.pipeline.accept import AcceptedOperation, choose_operation
from router.pipeline.authorization import Authorization
from router.pipeline.demand.compile import OperationCost
from router.pipeline.guards import Guards
from router.pipeline.incremental import answer_in_parts
from router.pipeline.labels import OverrideLabels
from router.pipeline.prepare import (
    COMPILE_AFTER,
    InspectedPlan,
    PlanVariant,
    PreparedOperation,
    Preparer,
    condition_values,
)
from router.pipeline.refuse import RefusedError
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.subscription import PreparedSubscription, prepare_subscription
from router.plan import Plan, plan_to_map
from router.response.incremental import Payload
from router.response.result import GraphQLResult, ResponseError
from router.supergraph import Supergraph
from router.telemetry.catalogue import Reading
from router.telemetry.record import OperationRecord

if TYPE_CHECKING:  # loaded where the settings ask for it: see router.authentication
    from router.authentication.authenticator import Authenticator


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and what they may read. `authenticator` is for requests whose edge has not looked."""

    authenticator: Authenticator | None = None
    authorization: Authorization = field(default_factory=Authorization)


class _Checked(Struct):
    """A request whose document and variables were accepted; `estimate` is its cost, where it was weighed."""

    accepted: AcceptedOperation
    coerced: Mapping[str, Any]
    prepared: PreparedOperation
    estimate: int = 0


class Router:
    """Executes operations over one supergraph; `clients` are keyed by subgraph name.

    `override_labels` are the named labels of progressive overrides that always hold; `draw` gives a number
    from 0 up to 1 for those by percent. An operation is compiled once it was executed `compile_after` times;
    never, when that is None. Without an authenticator in `access`, whoever the edge does not name is nobody.
    """

    def __init__(  # noqa: PLR0913 - one for each part
        self,
        supergraph: Supergraph,
        clients: Mapping[str, SubgraphClient],
        limits: LimitsConfig | None = None,
        override_labels: Iterable[str] = (),
        draw: Callable[[], float] = random,
        *,
        compile_after: int | None = COMPILE_AFTER,
        guards: Guards | None = None,
        access: Access | None = None,
    ) -> None:
        self._guards = guards or Guards()
        self.supergraph = supergraph
        self._access = access or Access()
        self._labels = OverrideLabels(supergraph, override_labels, draw)
        self._clients = dict(clients)
        self._preparer = Preparer(supergraph, limits or LimitsConfig(), compile_after, guards=self._guards)

    @cached_property
    def schema_sdl(self) -> str:
        """The API schema in SDL."""
        return print_schema(self.supergraph.api_schema)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the response of one operation. A refused request raises nothing: it is a result too."""
        checked = await self._prepare(request, context, defers=False)
        if isinstance(checked, GraphQLResult):
            return checked
        if context.plan_only:
            return _show_plan(checked.prepared.plan)
        if checked.prepared.cost is not None:
            return await self._run_and_weigh(request, context, checked)
        return await self._run(request, context, checked)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that defers fragments, the result of any other.

        The generator must be closed: that cancels what is under way.
        """
        checked = await self._prepare(request, context, defers=True)
        if isinstance(checked, GraphQLResult):
            return checked
        if context.plan_only:
            return _show_plan(checked.prepared.plan)
        if not checked.prepared.plan.parts:
            return await self._run_and_weigh(request, context, checked)
        fetch_context = self._fetch_context(request, context)
        return answer_in_parts(checked.prepared, fetch_context, self._introspect(checked))

    async def _prepare(
        self, request: GraphQLRequest, context: RequestContext, *, defers: bool, subscribes: bool = False
    ) -> _Checked | GraphQLResult:
        """Returns the operation ready to run, or the result that refuses it."""
        record = context.scope.record
        try:
            accepted = await self._preparer.accepted(request.query, request.operation_name, record)
            if record is not None:
                _note_operation(record, accepted)
            _check_kind(accepted, context, subscribes=subscribes)
            if accepted.introspects and self._guards.introspection is not None:
                self._guards.introspection.check(context)
            coerced = accepted.variables.coerce(request.variables)
            labels = self._labels.active(context.override_labels)
            denied = await self._denied(accepted, context)
            # What is denied may stand in a deferred part: then the answer comes whole.
            variant = PlanVariant(labels, defers and accepted.defers and not denied, denied)
            prepared = await self._preparer.prepared(accepted, coerced, variant, record)
            self._check_denied(prepared)
            checked = _Checked(accepted, coerced, prepared)
            if prepared.cost is not None:
                await self._weigh(prepared.cost, checked, request, context)
        except RefusedError as refused:
            return GraphQLResult.refused(*refused.errors)
        except ClientError as error:
            return GraphQLResult.refused(ResponseError.of(error))
        except PlanningError as error:
            return GraphQLResult.refused(ResponseError(error.message, error.code))
        if record is not None and record.is_inspected:
            record.plan = prepared.plan
        return checked

    async def _weigh(
        self, cost: OperationCost, checked: _Checked, request: GraphQLRequest, context: RequestContext
    ) -> None:
        costs = self._guards.costs
        assert costs is not None, "who has a cost was weighed"
        checked.estimate = await costs.check(cost, request, context, checked.coerced)

    async def _denied(self, accepted: AcceptedOperation, context: RequestContext) -> int:
        """Returns which of the operation's guards hold the viewer up, as bits."""
        scope, access = context.scope, self._access
        if scope.caller is None and access.authenticator is not None:
            scope.caller = await access.authenticator.authenticate(context.headers)
        if not accepted.guards:
            return 0
        return await access.authorization.denied(accepted.guards, context.viewer)

    def _check_denied(self, prepared: PreparedOperation) -> None:
        authorization = self._access.authorization
        if prepared.denied and authorization.config.mode == "reject":
            raise RefusedError(*authorization.refusals(prepared.denied))

    def plan(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> Plan:
        """Returns the plan of an operation, deferred parts included.

        Raises ClientError, RefusedError or PlanningError.
        """
        accepted = self._preparer.accept(query, operation_name)
        conditions = condition_values(accepted, accepted.variables.coerce(variables or {}))
        return self._preparer.prepare(accepted, conditions, PlanVariant(defers=accepted.defers)).plan

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
        accepted = self._preparer.accept(query, operation_name)
        conditions = condition_values(accepted, accepted.variables.coerce(variables or {}))
        return self._preparer.inspect(accepted, conditions, with_stages=with_stages)

    def most_used(self, count: int) -> list[GraphQLRequest]:
        """Returns the operations that were asked for most often, without variables."""
        return [GraphQLRequest(one.query, one.requested_name) for one in self._preparer.most_used(count)]

    async def warm(self, operations: Iterable[GraphQLRequest]) -> int:
        """Prepares operations before they are asked for; returns how many still stand on this supergraph.

        Of an operation with conditions, the variant is prepared that its variables' defaults make.
        """
        ready = 0
        for one in operations:
            try:
                accepted = await self._preparer.accepted(one.query, one.operation_name)
                coerced = accepted.variables.coerce(one.variables)
                variant = PlanVariant(self._labels.active(frozenset()))
                prepared = await self._preparer.prepared(accepted, coerced, variant)
                await self._preparer.compiled(prepared, at_once=True)
            except (ClientError, PlanningError, RefusedError):
                continue
            ready += 1
        return ready

    def readings(self) -> Iterator[Reading]:
        """Yields what the caches count."""
        yield from self._preparer.readings()

    @property
    def clients(self) -> Mapping[str, SubgraphClient]:
        """The clients of the subgraphs, by name."""
        return self._clients

    async def kind_of(self, request: GraphQLRequest) -> str | None:
        """Returns "query", "mutation" or "subscription"; None for a request that will be refused."""
        try:
            return (await self._preparer.accepted(request.query, request.operation_name)).kind
        except (RefusedError, ClientError):
            return None

    async def prepare_subscription(
        self, request: GraphQLRequest, context: RequestContext
    ) -> PreparedSubscription | GraphQLResult:
        """Returns the subscription ready to run, or the result that refuses it."""
        checked = await self._prepare(request, context, defers=False, subscribes=True)
        if isinstance(checked, GraphQLResult):
            return checked
        try:
            found = prepare_subscription(self.supergraph, request, checked.prepared, checked.coerced)
            return dataclasses.replace(found, mask=self._guards.mask)
        except ClientError as error:
            return GraphQLResult.refused(ResponseError.of(error))

    async def close(self) -> None:
        """Closes the clients and ends planning."""
        self._preparer.close()
        for client in self._clients.values():
            await client.close()

    def _fetch_context(self, request: GraphQLRequest, context: RequestContext) -> FetchContext:
        return FetchContext(
            self._clients, request.variables, context.headers, context.scope, mask=self._guards.mask
        )

    async def _run_and_weigh(
        self, request: GraphQLRequest, context: RequestContext, checked: _Checked
    ) -> GraphQLResult:
        result = await self._run(request, context, checked)
        cost, costs = checked.prepared.cost, self._guards.costs
        if cost is not None and costs is not None:
            costs.note(cost, checked.estimate, result, context, checked.coerced)
        return result

    async def _run(
        self, request: GraphQLRequest, context: RequestContext, checked: _Checked
    ) -> GraphQLResult:
        fetch_context = self._fetch_context(request, context)
        compiled = await self._preparer.compiled(checked.prepared)
        if compiled is not None:
            run = await run_compiled(compiled, fetch_context)
            if run.response is not None:
                return GraphQLResult(response=run.response)
            fetch_context = replace(fetch_context, earlier=run.earlier)
        executed = await execute_plan(checked.prepared.plan, fetch_context)
        executed.data.update(self._introspect(checked))
        denials_max = self._access.authorization.config.errors_max
        data, found = checked.prepared.projection.project(
            executed.data, executed.errors, denials_max=denials_max
        )
        return GraphQLResult(data, (*executed.errors, *found))

    def _introspect(self, checked: _Checked) -> dict[str, Any]:
        document = checked.accepted.document
        if document is None:
            return {}
        operation = choose_operation(document, checked.accepted.requested_name)
        return introspect(self.supergraph.api_schema, document, operation, checked.coerced)


def _show_plan(plan: Plan) -> GraphQLResult:
    """Returns the answer to who asked for the plan alone."""
    return GraphQLResult(extensions={"zellige": {"plan": plan_to_map(plan)}})


def _check_kind(accepted: AcceptedOperation, context: RequestContext, *, subscribes: bool) -> None:
    if subscribes and accepted.kind != "subscription":
        raise ClientError("Only subscriptions can be subscribed to.", "OPERATION_NOT_SUPPORTED")
    if accepted.kind == "subscription" and not subscribes:
        raise ClientError("Subscriptions are not served over this transport.", "OPERATION_NOT_SUPPORTED")
    if accepted.kind == "mutation" and not context.allow_mutations:
        raise ClientError("Mutations are only allowed over POST.", "METHOD_NOT_ALLOWED")


def _note_operation(record: OperationRecord, accepted: AcceptedOperation) -> None:
    record.name = accepted.name
    record.kind = accepted.kind
    record.document_hash = accepted.hash
