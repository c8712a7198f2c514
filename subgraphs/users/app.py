"""The users subgraph, wired."""

from __future__ import annotations

from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.settings import KitSettings
from subgraphs.users.schema import build_schema


def create_app(settings: KitSettings, *, clock: Clock | None = None) -> SubgraphApp:
    """Returns the subgraph."""
    return SubgraphApp("users", settings, build_schema(), Wiring(clock=clock or SystemClock()))
