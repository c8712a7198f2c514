"""The product list with its stock, through the router, in one process, on real databases.

What the driver of the databases costs is part of it.
"""

from __future__ import annotations

import time

from tests.commerce.shopkeeping import open_shop
from tests.support.platform import RunningPlatform, running_platform

PRODUCTS = 24
QUERY = """
query($n: Int!) {
  products(first: $n) {
    nodes {
      id name slug status versionNumber: version createdAt
      priceRange { min { amountMinor currency formatted } max { amountMinor currency formatted } }
      availableQuantity stockStatus
      variants { id sku price { amountMinor currency formatted } availableQuantity stockStatus }
    }
  }
}
"""


async def _ask(platform: RunningPlatform, requests: int) -> float:
    cpu = time.process_time()
    for _ in range(requests):
        await platform.data(QUERY, {"n": PRODUCTS})
    return (time.process_time() - cpu) / requests * 1e3


async def _measure_with(rounds: int, requests: int, *, compiled: bool) -> list[float]:
    async with running_platform(compiled_execution=compiled) as platform:
        shop = await open_shop(platform)
        await shop.sell(PRODUCTS)
        data = await platform.data(QUERY, {"n": PRODUCTS})
        assert len(data["products"]["nodes"]) == PRODUCTS
        await _ask(platform, requests)
        return [await _ask(platform, requests) for _ in range(rounds)]


async def measure_platform(rounds: int, requests: int = 20) -> dict[str, list[float]]:
    """Returns CPU milliseconds per page, with the domains' operations compiled and without."""
    return {
        "product page, step by step": await _measure_with(rounds, requests, compiled=False),
        "product page, compiled": await _measure_with(rounds, requests, compiled=True),
    }
