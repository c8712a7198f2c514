"""The shop behind its cache: visitors are served from it, and nobody sees what is not theirs or past."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from router.config import CacheConfig, RouterConfig
from router.config.cache import ResponseCacheConfig
from tests.commerce.shopkeeping import SET_PRICE, Shop, open_shop
from tests.support.platform import running_platform

PAGE = """
query($id: ID!) {
  product(id: $id) {
    name category { name } priceRange { min { formatted } }
    variants { sku price { amountMinor } name { fr } }
  }
}
"""
LIST = "{ products(first: 10) { nodes { name tags { slug } } pageInfo { hasNextPage } totalCount } }"
PUBLISH = "mutation($id: ID!) { productPublish(id: $id) { userErrors { code } } }"


@pytest.fixture
async def cached_shop() -> AsyncIterator[Shop]:
    config = RouterConfig(cache=CacheConfig(enabled=True, responses=ResponseCacheConfig(enabled=True)))
    async with running_platform(config) as running:
        yield await open_shop(running)


def _hits(shop: Shop) -> int:
    cache = shop.platform.platform.cache
    assert cache is not None, "the settings switch it on"
    return sum(counts["hits"] for counts in cache.counters.snapshot().values())


async def test_a_visitor_s_page_is_served_from_the_cache(cached_shop: Shop) -> None:
    [goods] = await cached_shop.sell(1)
    first = await cached_shop.platform.data(PAGE, {"id": goods.product_id})
    listed = await cached_shop.platform.data(LIST)
    before = _hits(cached_shop)
    with cached_shop.platform.recorded_statements() as statements:
        assert await cached_shop.platform.data(PAGE, {"id": goods.product_id}) == first
        assert await cached_shop.platform.data(LIST) == listed
    assert not list(statements["products"])
    assert _hits(cached_shop) == before + 2


async def test_a_change_shows_at_once(cached_shop: Shop) -> None:
    [goods] = await cached_shop.sell(1, price_minor=100)
    await cached_shop.platform.data(PAGE, {"id": goods.product_id})
    given = {
        "productId": goods.product_id,
        "id": goods.variant_id,
        "sku": goods.sku,
        "price": {"amountMinor": "777"},
    }
    await cached_shop.platform.change(SET_PRICE, given, cached_shop.staff)
    page = await cached_shop.platform.data(PAGE, {"id": goods.product_id})
    assert page["product"]["variants"][0]["price"]["amountMinor"] == "777"


async def test_staff_see_drafts_and_nobody_else_does(cached_shop: Shop) -> None:
    [goods] = await cached_shop.sell(1, publish=False, on_hand=0)
    one = {"id": goods.product_id}
    customer = cached_shop.platform.customer()
    for _ in range(2):
        seen = await cached_shop.platform.data(PAGE, one, cached_shop.staff)
        assert seen["product"] is not None
        assert await cached_shop.platform.data(PAGE, one) == {"product": None}
        assert await cached_shop.platform.data(PAGE, one, customer) == {"product": None}
        assert (await cached_shop.platform.data(LIST))["products"]["nodes"] == []
    await cached_shop.platform.data(PUBLISH, one, cached_shop.staff)
    assert (await cached_shop.platform.data(PAGE, one))["product"] is not None
    assert len((await cached_shop.platform.data(LIST))["products"]["nodes"]) == 1
