"""One call to the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.router_client import RouterClient, RouterUnreachableError
from subgraphs.kit.settings import KitSettings
from subgraphs.orders.errors import TryAgain

SERVICE = "orders"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole graph, as this service reaches it."""

    router: RouterClient
    settings: KitSettings
    clock: Clock

    async def ask(
        self, query: str, variables: Mapping[str, Any], behalf: Viewer, permissions: frozenset[str]
    ) -> Mapping[str, Any]:
        """Returns the data of the answer; raises TryAgain when nobody knows what was done."""
        token = service_token(self.settings, self.clock, SERVICE, behalf, permissions)
        try:
            response = await self.router.execute(query, variables, token=token)
        except RouterUnreachableError as error:
            log.warning("graph_unreachable", reason=str(error))
            raise TryAgain("The shop cannot answer just now; try again") from error
        data = response.get("data")
        if response.get("errors") or not isinstance(data, Mapping):
            log.warning("graph_answered_errors", errors=response.get("errors"))
            raise TryAgain("The shop cannot answer just now; try again")
        return data
