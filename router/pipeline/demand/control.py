"""Holds operations to what they may cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from router.config import DemandConfig, RateLimitRule, RateLimitsConfig
from router.errors import ClientError
from router.operation import Operation
from router.pipeline.demand.actual import actual_cost
from router.pipeline.demand.compile import CostCompiler, OperationCost
from router.pipeline.demand.weights import read_weights
from router.pipeline.rate_limits.rules import CompiledRule
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.windows import Windows, WindowsUnavailableError
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult
from router.supergraph import Supergraph
from router.telemetry.catalogue import COST_ACTUAL, COST_ESTIMATED, COST_REFUSED, Reading

COST_HEADER = "x-zellige-cost"
_OPERATION = "operation"
_SLICING = "slicing"


class DemandControl:
    """The settings, the budgets and the counts, which outlive a supergraph."""

    def __init__(self, config: DemandConfig, limits: RateLimitsConfig, windows: Windows) -> None:
        self.config = config
        self._windows = windows
        self._budgets = tuple(
            CompiledRule(
                RateLimitRule(name=one.name, by=one.by, limit=one.cost, window_s=one.window_s), limits
            )
            for one in config.budgets
        )
        self._enforces = config.mode == "enforce"
        self._refused = dict.fromkeys((_OPERATION, _SLICING, *(one.name for one in config.budgets)), 0)
        self._estimated_total = 0
        self._actual_total = 0

    def over(self, supergraph: Supergraph) -> OperationCosts:
        """Returns the costs of operations over a supergraph."""
        return OperationCosts(self, supergraph)

    async def check(
        self,
        cost: OperationCost,
        request: GraphQLRequest,
        context: RequestContext,
        variables: Mapping[str, Any],
    ) -> int:
        """Returns the estimated cost; raises ClientError where it is too much and that is enforced."""
        for slicing in cost.slicing:
            if not slicing.is_met(variables):
                names = ", ".join(slicing.arguments)
                message = f"{slicing.coordinate} needs exactly one of its arguments {names}"
                self._refuse(_SLICING, ClientError(message, ErrorCode.BAD_USER_INPUT.name))
        estimate = cost.estimate.of(variables)
        self._estimated_total += estimate
        if context.scope.record is not None:
            context.scope.record.cost = estimate
        most = self.config.max_cost
        if estimate > most:
            message = f"The operation's estimated cost, {estimate}, is above {most}"
            extensions = {"cost": {"estimated": estimate, "max": most}}
            code = ErrorCode.COST_ESTIMATED_TOO_EXPENSIVE.name
            self._refuse(_OPERATION, ClientError(message, code, extensions=extensions))
        if self._budgets and estimate:
            await self._take(estimate, request, context)
        return estimate

    def _refuse(self, limit: str, error: ClientError) -> None:
        self._refused[limit] += 1
        if self._enforces:
            raise error

    async def _take(self, estimate: int, request: GraphQLRequest, context: RequestContext) -> None:
        found = [(one, one.hit(request, context)) for one in self._budgets]
        held = [(one, hit._replace(cost=estimate)) for one, hit in found if hit is not None]
        if not held:
            return
        try:
            taken = await self._windows.take([hit for _, hit in held])
        except WindowsUnavailableError:
            if self._enforces:
                message = "Budgets cannot be counted now: try again"
                raise ClientError(message, ErrorCode.OVERLOADED.name) from None
            return
        if taken.is_taken:
            return
        for (rule, hit), standing in zip(held, taken.standings, strict=True):
            if standing.fits(hit):
                continue
            seconds = max(1, ceil(standing.wait_ms(hit) / 1000))
            if self._enforces:
                context.scope.response_headers.append((b"retry-after", b"%d" % seconds))
            message = f"The budget {rule.name} is used up: try again in {seconds} s"
            extensions = {"retryAfterSeconds": seconds, "cost": {"estimated": estimate}}
            code = ErrorCode.COST_BUDGET_EXCEEDED.name
            self._refuse(rule.name, ClientError(message, code, extensions=extensions))

    def count_actual(self, cost: int) -> None:
        """Adds the cost of an answer up."""
        self._actual_total += cost

    def readings(self) -> Iterable[Reading]:
        """Returns the costs and the refusals, for metrics."""
        yield Reading(COST_ESTIMATED, self._estimated_total)
        yield Reading(COST_ACTUAL, self._actual_total)
        for limit, count in self._refused.items():
            yield Reading(COST_REFUSED, count, (limit,))


class OperationCosts:
    """The costs of operations over one supergraph."""

    def __init__(self, control: DemandControl, supergraph: Supergraph) -> None:
        config = control.config
        self._control = control
        self._compiler = CostCompiler(
            supergraph, read_weights(supergraph), config.list_size, config.mutation_weight
        )

    def compile(self, operation: Operation) -> OperationCost:
        """Returns the cost of a normalised operation, as a function of its variables."""
        return self._compiler.compile(operation)

    async def check(
        self,
        cost: OperationCost,
        request: GraphQLRequest,
        context: RequestContext,
        variables: Mapping[str, Any],
    ) -> int:
        """Returns the estimated cost; raises ClientError."""
        return await self._control.check(cost, request, context, variables)

    def note(
        self,
        cost: OperationCost,
        estimate: int,
        result: GraphQLResult,
        context: RequestContext,
        variables: Mapping[str, Any],
    ) -> None:
        """Counts what was answered, and tells it to who asked and may know."""
        config = self._control.config
        told: dict[str, int | str] = {"estimated": estimate, "max": config.max_cost, "mode": config.mode}
        if config.actual:
            told["actual"] = cost.fixed.of(variables) + actual_cost(result.data, cost.shape)
            self._control.count_actual(int(told["actual"]))
        if config.show and context.headers.get(COST_HEADER) == "1":
            result.extensions = {**result.extensions, "cost": told}
