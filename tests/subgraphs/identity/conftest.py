"""Identity, running on a fresh database with quick password hashes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from subgraphs.identity.app import create_app
from subgraphs.identity.service.passwords import PasswordHashing
from tests.subgraphs.identity.people import People
from tests.support.subgraph import MovableClock, RunningSubgraph, running_subgraph


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def identity(clock: MovableClock) -> AsyncIterator[RunningSubgraph]:
    quick = PasswordHashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    # Wrong guesses are counted in Redis, which tests share.
    own_counters = {"event_bus_name": f"t{uuid4().hex[:12]}"}
    async with running_subgraph(
        "identity", create_app, settings=own_counters, clock=clock, hashing=quick
    ) as running:
        yield running


@pytest.fixture
def people(identity: RunningSubgraph) -> People:
    return People(identity)
