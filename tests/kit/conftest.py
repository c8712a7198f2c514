"""The shelf, running on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.kit.shelf import build_tables, create_app
from tests.support.subgraph import MovableClock, RunningSubgraph, running_subgraph


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def shelf(clock: MovableClock) -> AsyncIterator[RunningSubgraph]:
    async with running_subgraph("shelf", create_app, build=build_tables, clock=clock) as running:
        yield running
