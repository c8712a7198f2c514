"""Products written one by one."""

from __future__ import annotations

from tests.subgraphs.products.shop import COLOURS, Shop, colour, priced
from tests.support.migrated import assert_migrations_match


async def test_the_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("products")


async def test_a_product_is_created_as_a_draft_with_its_variants(shop: Shop) -> None:
    variants = [
        priced("RUG-R", 250_000, options=colour("red")),
        priced("RUG-B", 300_000, options=colour("blue")),
    ]
    product = await shop.product(
        name={"fr": "Tapis berbère", "ar": "زربية"}, options=COLOURS, variants=variants
    )
    assert {key: product[key] for key in ("slug", "name", "status", "version", "variantCount")} == {
        "slug": "tapis-berbere",
        "name": "Tapis berbère",
        "status": "DRAFT",
        "version": 1,
        "variantCount": 2,
    }
    assert [(each["sku"], each["name"], each["price"]) for each in product["variants"]] == [
        ("RUG-R", {"fr": "Rouge"}, {"amountMinor": "250000"}),
        ("RUG-B", {"fr": "Bleu"}, {"amountMinor": "300000"}),
    ]
    assert await shop.events() == [
        (
            "product.created",
            product["id"],
            {"name": {"fr": "Tapis berbère", "ar": "زربية"}, "actor_id": str(shop.staff.viewer.user_id)},
        )
    ]
