"""Inventory, wired together."""

from __future__ import annotations

from subgraphs.inventory.schema import build_schema
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.settings import KitSettings


def create_app(settings: KitSettings, *, clock: Clock | None = None) -> SubgraphApp:
    """Returns the subgraph."""
    return SubgraphApp("inventory", settings, build_schema(), Wiring(clock=clock or SystemClock()))
