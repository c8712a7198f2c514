"""The whole platform in this process: every domain on fresh databases, behind the real router.

async with running_platform() as platform:
    await platform.data("{ products(first: 5) { nodes { id } } }")

Calls that a domain makes through the router pass a `BreakableLine`, which can be told to fail.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from router.config import RouterConfig
from router.pipeline.executes import Executes
from router.pipeline.request import GraphQLRequest, RequestContext
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.ids import new_id
from subgraphs.kit.router_client import RouterUnreachableError
from tests.support.database import fresh_databases
from tests.support.statements import StatementLog, recorded_statements
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph
from zellige.assembly.in_process_router import InProcessRouterClient
from zellige.assembly.platform import Platform, assemble_platform
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file


@dataclass
class Breakdown:
    """Calls that will fail: of which root field, before or after the other side acted, and how."""

    field: str
    acted: bool
    error: BaseException
    times: int


class BreakableLine:
    """A domain's line to the router; it fails for real, at the call, when it was told to."""

    def __init__(self) -> None:
        self._line = InProcessRouterClient()
        self._breakdowns: list[Breakdown] = []
        self._chance: tuple[random.Random, float] | None = None

    def connect(self, router: Executes) -> None:
        """Names the router behind the line."""
        self._line.connect(router)

    def break_down(
        self, field: str, *, acted: bool, error: BaseException | None = None, times: int = 1
    ) -> None:
        """Makes the next calls of the root field fail; the line is dead unless an error is given."""
        cut = error or RouterUnreachableError("connection reset")
        self._breakdowns.append(Breakdown(field, acted, cut, times))

    def disturb(self, chance: random.Random | None, share: float = 0.0) -> None:
        """Makes a share of all calls fail at random from now on, half of them after the other side acted."""
        self._chance = (chance, share) if chance is not None else None

    async def execute(self, query: str, variables: Mapping[str, Any], *, token: str) -> Mapping[str, Any]:
        """Returns the GraphQL response of the router, or fails."""
        breakdown = self._next_breakdown(query)
        if breakdown is not None and not breakdown.acted:
            raise breakdown.error
        response = await self._line.execute(query, variables, token=token)
        if breakdown is not None:
            raise breakdown.error
        return response

    def _next_breakdown(self, query: str) -> Breakdown | None:
        for each in self._breakdowns:
            if each.times > 0 and f"{each.field}(" in query:
                each.times -= 1
                return each
        if self._chance is not None:
            chance, share = self._chance
            if chance.random() < share:
                return Breakdown("", chance.random() < 0.5, RouterUnreachableError("disturbed"), 1)
        return None


class RunningPlatform:
    """The platform under test."""

    def __init__(self, platform: Platform, line: BreakableLine, clock: MovableClock) -> None:
        self.platform = platform
        self.line = line
        self.clock = clock
        self._tokens = RunningSubgraph(platform.domains[0])

    def app(self, domain: str) -> SubgraphApp:
        """Returns the domain's app."""
        return next(app for app in self.platform.domains if app.name == domain)

    async def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller | None = None
    ) -> dict[str, Any]:
        """Returns the router's whole response."""
        headers = caller.headers if caller is not None else {}
        context = RequestContext(headers=headers, request_id=str(new_id()))
        result = await self.platform.front.execute(GraphQLRequest(query, None, variables or {}), context)
        return result.to_map()

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller | None = None
    ) -> dict[str, Any]:
        """Returns the data of a response that must be without errors."""
        response = await self.execute(query, variables, caller)
        assert not response.get("errors"), response["errors"]
        return response["data"]

    async def change(
        self,
        query: str,
        given: Mapping[str, Any],
        caller: Caller | None = None,
    ) -> dict[str, Any]:
        """Returns the payload of a mutation of one field, which must not be refused."""
        ((_, payload),) = (await self.data(query, {"input": given}, caller)).items()
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload

    def user(
        self,
        user_id: UUID | None = None,
        organization_id: UUID | None = None,
        permissions: Sequence[str] = (),
    ) -> Caller:
        """Returns somebody with a token as identity signs it; each is new unless told."""
        return self._tokens.user(user_id, organization_id, permissions)

    def customer(self, user_id: UUID | None = None) -> Caller:
        """Returns a signed-in user who acts in no organization."""
        return self._tokens.customer(user_id)

    @contextmanager
    def recorded_statements(self) -> Iterator[dict[str, StatementLog]]:
        """Yields the growing logs of the SQL of every domain, by its name."""
        with ExitStack() as stack:
            yield {
                app.name: stack.enter_context(recorded_statements(app.database.engine))
                for app in self.platform.domains
            }


@asynccontextmanager
async def running_platform(
    config: RouterConfig | None = None, **settings: Any
) -> AsyncIterator[RunningPlatform]:
    """Yields the platform of `schema/supergraph.yaml` on fresh databases; `settings` override the tests'.

    `config` is the router's.
    """
    entries = read_supergraph_file(DEFAULT_PATH)
    line, clock = BreakableLine(), MovableClock()
    names = [entry.name for entry in entries if entry.module is not None]
    async with fresh_databases(*names, **settings) as fresh:
        platform = assemble_platform(
            entries, fresh, config or RouterConfig(), {"router": line, "clock": clock}
        )
        line.connect(platform.router)
        await platform.start()
        try:
            yield RunningPlatform(platform, line, clock)
        finally:
            await platform.stop()


@pytest.fixture
async def platform() -> AsyncIterator[RunningPlatform]:
    """The whole platform, empty; import it into a conftest to have it."""
    async with running_platform() as running:
        yield running
