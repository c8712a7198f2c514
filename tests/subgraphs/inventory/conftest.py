"""Inventory, running on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from subgraphs.inventory.app import create_app
from tests.subgraphs.inventory.shop import Shop
from tests.support.subgraph import MovableClock, RunningSubgraph, running_subgraph


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def inventory(clock: MovableClock) -> AsyncIterator[RunningSubgraph]:
    async with running_subgraph("inventory", create_app, clock=clock) as running:
        yield running


@pytest.fixture
async def shop(inventory: RunningSubgraph) -> Shop:
    return Shop(inventory)
