"""A whole subgraph: schema, database and edge wired together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI

from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.database import Database
from subgraphs.kit.http_edge import Hook, open_http
from subgraphs.kit.operation_runner import OperationRunner
from subgraphs.kit.origins import find_origins
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.subgraph_request import SubgraphRequest

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a domain's create_app brings: ports by type (`context.port(RouterClient)`), further HTTP routes
    with the database they share, and what closes the things it opened."""

    clock: Clock = field(default_factory=SystemClock)
    ports: Mapping[type[Any], Any] = field(default_factory=dict)
    routers: Sequence[APIRouter] = ()
    on_shutdown: Sequence[Hook] = ()
    database: Database | None = None


class SubgraphApp:
    """One domain, served over HTTP by `asgi` or in process by `execute` and `subscribe`."""

    def __init__(
        self, name: str, settings: KitSettings, schema: KitSchema, wiring: Wiring | None = None
    ) -> None:
        wiring = wiring or Wiring()
        self.name = name
        self.settings = settings
        self.schema = schema
        self.clock = wiring.clock
        self._ports = wiring.ports
        self.database = wiring.database or Database(settings, name)
        self._on_shutdown = tuple(wiring.on_shutdown)
        self._runner = OperationRunner(schema, settings, self.database, self.clock, wiring.ports, name)
        self.asgi: FastAPI = open_http(
            name,
            self._runner,
            self.database,
            settings.request_bytes_max,
            (self.startup, self.shutdown),
            wiring.routers,
        )

    def port(self, kind: type[P]) -> P:
        """Returns the implementation the app was wired with; for jobs, which have no request context."""
        return self._ports[kind]

    def sdl(self) -> str:
        """Returns the federation SDL, as `_service { sdl }` answers it."""
        return self.schema.as_str()

    def origins(self) -> dict[str, str]:
        """Returns where in Python each element of the schema is written, by its coordinate."""
        return find_origins(self.schema)

    def execution_figures(self) -> dict[str, Any]:
        """Returns how many operations were compiled since the start, and which fields were not, and why."""
        return self._runner.execution_figures()

    async def startup(self) -> None:
        """Makes the app ready; connections open at the first request, so a late database is no obstacle."""

    async def shutdown(self) -> None:
        """Closes connections and whatever the wiring opened; no request follows."""
        for close in self._on_shutdown:
            await close()
        await self.database.close()

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Returns the whole GraphQL response as a map; `headers` have lower-case names."""
        request = SubgraphRequest(query, variables or {}, operation_name, headers or {})
        return await self._runner.run(request)

    def subscribe(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yields the whole GraphQL response of each event, or the one that refuses the subscription."""
        return self._runner.subscribe(SubgraphRequest(query, variables or {}, operation_name, headers or {}))
