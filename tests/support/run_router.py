"""The router as the tests run it: in process, over any clients, every fetch written down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router.composition.compose import Composition, compose_supergraph
from router.composition.contract import Contract
from router.composition.diagnostics import render_text
from router.composition.options import CompositionOptions
from router.composition.source import SubgraphSource
from router.config import LimitsConfig
from router.errors import ClientError, PlanningError
from router.executor.transport.client import SubgraphClient
from router.pipeline.refuse import RefusedError
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.plan.printer import print_plan
from router.response.incremental import Payload
from router.response.incremental_formats import CurrentFormat, PreviousFormat
from router.response.result import GraphQLResult
from router.supergraph import load_supergraph
from tests.support.fetch_log import Fetch, FetchLog


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, with what the subgraphs saw on the way."""

    body: Mapping[str, Any]
    fetches: tuple[Fetch, ...]
    complaints: tuple[str, ...]

    @property
    def data(self) -> Any:
        """The `data` of the response, None when it has none."""
        return self.body.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The `errors` of the response."""
        return list(self.body.get("errors") or ())


@dataclass(frozen=True, slots=True)
class PartsAnswer:
    """One answer in parts, as the bodies of both formats, with what the subgraphs saw on the way."""

    previous: list[dict[str, Any]]
    current: list[dict[str, Any]]
    fetches: tuple[Fetch, ...]
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One operation a test sends."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


class RouterUnderTest:
    """A router over given clients; `log` must be the one these clients write to."""

    def __init__(
        self,
        supergraph_sdl: str,
        clients: Mapping[str, SubgraphClient],
        log: FetchLog,
        limits: LimitsConfig | None = None,
        *,
        compile_after: int | None = 0,
    ) -> None:
        self.supergraph_sdl = supergraph_sdl
        self.clients = clients
        self.supergraph = load_supergraph(supergraph_sdl)
        self.router = Router(self.supergraph, clients, limits, compile_after=compile_after)
        self.log = log

    async def execute(self, request: Request) -> Answer:
        """Runs one operation, with a log of its own."""
        self.log.clear()
        result = await self.router.execute(
            GraphQLRequest(request.query, request.operation_name, request.variables), RequestContext()
        )
        return Answer(result.to_map(), tuple(self.log.fetches), tuple(self.log.complaints))

    async def execute_in_parts(self, request: Request) -> PartsAnswer:
        """Runs one operation for a client that takes parts, with a log of its own."""
        self.log.clear()
        outcome = await self.router.execute_in_parts(
            GraphQLRequest(request.query, request.operation_name, request.variables), RequestContext()
        )
        payloads = (
            [Payload(outcome)] if isinstance(outcome, GraphQLResult) else [one async for one in outcome]
        )
        previous, current = PreviousFormat(), CurrentFormat()
        return PartsAnswer(
            [previous.body_of(payload) for payload in payloads],
            [current.body_of(payload) for payload in payloads],
            tuple(self.log.fetches),
            tuple(self.log.complaints),
        )

    def run(self, request: Request) -> Answer:
        """Does the same outside of an event loop."""
        return asyncio.run(self.execute(request))

    def plan_text(self, request: Request) -> str:
        """Returns the printed plan of an operation."""
        return print_plan(self.router.plan(request.query, request.operation_name, request.variables))

    def plan_problems(self, request: Request) -> tuple[str, ...]:
        """Returns what the soundness check says of the plan; nothing of an operation that has none."""
        try:
            return self.router.inspect(request.query, request.operation_name, request.variables).problems
        except (ClientError, PlanningError, RefusedError):
            return ()


class CompositionRefusedError(AssertionError):
    """Our composer refused subgraphs a test needs composed."""


def composition_of(subgraphs: Mapping[str, str], contract: Contract | None = None) -> Composition:
    """Composes subgraph SDLs by name, refused or not."""
    return compose_supergraph(
        [SubgraphSource(name, sdl, f"http://{name}.test/graphql") for name, sdl in subgraphs.items()],
        CompositionOptions(contract=contract),
    )


def compose(subgraphs: Mapping[str, str], contract: Contract | None = None) -> Composition:
    """Composes subgraphs that must compose; raises `CompositionRefusedError` with the diagnostics."""
    composition = composition_of(subgraphs, contract)
    if composition.supergraph_sdl is None:
        raise CompositionRefusedError(render_text(composition.diagnostics))
    return composition
