"""Writers at the same moment, on connections of their own."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import text

from tests.subgraphs.products.shop import Shop, priced
from tests.support.subgraph import RunningSubgraph

BUYERS = 8


def codes_of(answers: list[dict[str, Any]]) -> Counter[str]:
    """Counts how the answers came out: OK, or the code of the first refusal."""
    return Counter(answer["userErrors"][0]["code"] if answer["userErrors"] else "OK" for answer in answers)


async def test_one_of_many_gets_a_slug(shop: Shop) -> None:
    answers = await asyncio.gather(*[shop.create(slug={"fr": "unique"}) for _ in range(BUYERS)])
    assert codes_of(answers) == {"OK": 1, "SLUG_TAKEN": BUYERS - 1}
    assert len(await shop.events()) == 1


async def test_all_of_many_with_one_name_get_slugs_of_their_own(shop: Shop) -> None:
    products = await asyncio.gather(*[shop.product(name={"fr": "Même nom"}) for _ in range(BUYERS)])
    slugs = {product["slug"] for product in products}
    assert len(slugs) == BUYERS
    assert "meme-nom" in slugs


async def test_one_of_many_gets_a_sku(shop: Shop) -> None:
    answers = await asyncio.gather(*[shop.create(variants=[priced("ONE")]) for _ in range(BUYERS)])
    assert codes_of(answers) == {"OK": 1, "SKU_TAKEN": BUYERS - 1}
    found = await shop.ask("{ products { totalCount } }")
    assert found == {"products": {"totalCount": 1}}


async def test_one_of_many_changes_from_the_same_version_wins(shop: Shop) -> None:
    product = await shop.product()
    changes = [shop.update(product["id"], name={"fr": f"N{n}"}, expectedVersion=1) for n in range(BUYERS)]
    answers = await asyncio.gather(*changes)
    assert codes_of(answers) == {"OK": 1, "CONFLICT": BUYERS - 1}


async def test_changes_without_a_version_all_count(shop: Shop) -> None:
    product = await shop.published("A")
    changes = [
        shop.upsert_variant(product["id"], "A", price={"amountMinor": str(n)}) for n in range(1, BUYERS + 1)
    ]
    assert codes_of(await asyncio.gather(*changes)) == {"OK": BUYERS}
    told = [payload for type_, _, payload in await shop.events() if type_ == "product.price_changed"]
    assert [each["minor_before"] for each in told[1:]] == [each["minor_after"] for each in told[:-1]]


async def test_a_published_product_keeps_a_variant(products: RunningSubgraph, shop: Shop) -> None:
    archive = "mutation($id: ID!) { productVariantArchive(id: $id) { userErrors { code } } }"
    for number in range(5):
        product = await shop.product(variants=[priced(f"A{number}")])
        await asyncio.gather(
            shop.set_status("productPublish", product["id"]),
            shop.ask(archive, {"id": product["variants"][0]["id"]}),
        )
    async with products.app.database.engine.connect() as connection:
        bare = await connection.scalar(
            text("SELECT count(*) FROM products WHERE status = 'published' AND variant_count = 0")
        )
    assert bare == 0


async def test_a_category_is_not_deleted_under_a_product_put_into_it(
    products: RunningSubgraph, shop: Shop
) -> None:
    delete = "mutation($id: ID!) { categoryDelete(id: $id) { deletedId userErrors { code } } }"
    for number in range(5):
        category = await shop.category(f"C{number}")
        created, deleted = await asyncio.gather(
            shop.create(categoryId=category), shop.ask(delete, {"id": category})
        )
        refused = [*created["userErrors"], *deleted["categoryDelete"]["userErrors"]]
        assert [each["code"] for each in refused] in (["NOT_FOUND"], ["CATEGORY_NOT_EMPTY"])


async def test_two_imports_of_the_same_rows_at_once_write_each_product_once(shop: Shop) -> None:
    rows = [{"slug": f"p-{n}", "name": {"fr": f"P {n}"}, "variants": [priced(f"S{n}")]} for n in range(10)]
    answers = await asyncio.gather(shop.bulk(rows), shop.bulk(list(reversed(rows))))
    assert sum(answer["createdCount"] for answer in answers) == 10
    found = await shop.ask("{ products { totalCount } }")
    assert found == {"products": {"totalCount": 10}}
