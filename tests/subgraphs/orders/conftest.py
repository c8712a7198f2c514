"""Orders on a fresh database, beside a graph that stands for the other domains."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from subgraphs.orders.app import create_app
from tests.subgraphs.orders.graph_peer import GraphPeer
from tests.subgraphs.orders.shopping import Shopping
from tests.support.subgraph import MovableClock, running_subgraph


@pytest.fixture
async def shop() -> AsyncIterator[Shopping]:
    peer, clock = GraphPeer(), MovableClock()
    async with running_subgraph("orders", create_app, clock=clock, router=peer) as running:
        yield Shopping(running, peer, clock)
