"""Orders, wired."""

from __future__ import annotations

from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.router_client import HttpRouterClient, RouterClient
from subgraphs.kit.settings import KitSettings
from subgraphs.orders.schema import build_schema


def create_app(
    settings: KitSettings, *, clock: Clock | None = None, router: RouterClient | None = None
) -> SubgraphApp:
    """Returns the orders subgraph; `router` is how it reaches products and inventory."""
    ports = {RouterClient: router or HttpRouterClient(settings)}
    wiring = Wiring(clock=clock or SystemClock(), ports=ports)
    return SubgraphApp("orders", settings, build_schema(), wiring)
