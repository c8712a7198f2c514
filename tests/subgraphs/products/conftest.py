"""The products subgraph on a fresh database, and a shop in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from subgraphs.products.app import create_app
from tests.subgraphs.products.shop import Shop
from tests.support.subgraph import RunningSubgraph, running_subgraph


@pytest.fixture
async def products() -> AsyncIterator[RunningSubgraph]:
    async with running_subgraph("products", create_app) as running:
        yield running


@pytest.fixture
def shop(products: RunningSubgraph) -> Shop:
    return Shop(products)
