"""The audit subgraph, wired."""

from __future__ import annotations

from subgraphs.audit.model.kept_copies import KeptCopies
from subgraphs.audit.schema import build_schema
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.audit.copies import AuditCopies
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.database import Database
from subgraphs.kit.settings import KitSettings

NAME = "audit"


def create_app(settings: KitSettings, *, clock: Clock | None = None) -> SubgraphApp:
    """Returns the subgraph."""
    database = Database(settings, NAME)
    wiring = Wiring(
        clock=clock or SystemClock(),
        ports={AuditCopies: KeptCopies(database)},
        database=database,
    )
    return SubgraphApp(NAME, settings, build_schema(), wiring)
