"""What a use-case needs that spans several transactions and calls other domains between them."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.router_client import RouterClient
from subgraphs.kit.settings import KitSettings
from subgraphs.orders.peers.catalogue import Catalogue
from subgraphs.orders.peers.graph import Graph
from subgraphs.orders.peers.stock import Stock


@dataclass(frozen=True, slots=True)
class Saga:
    """The database to open transactions in, the time, and the other domains."""

    database: Database
    clock: Clock
    catalogue: Catalogue
    stock: Stock

    @classmethod
    def of(cls, database: Database, clock: Clock, settings: KitSettings, router: RouterClient) -> Saga:
        """Returns the surroundings of one request or one job."""
        graph = Graph(router, settings, clock)
        return cls(database, clock, Catalogue(graph), Stock(graph))
