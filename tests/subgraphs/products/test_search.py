"""Finding products by what people write, in Arabic, French and English."""

from __future__ import annotations

import doctest

from sqlalchemy import text

from subgraphs.products.model import search_text
from subgraphs.products.service import texts
from tests.subgraphs.products.shop import Shop, priced
from tests.support.subgraph import RunningSubgraph

SEARCH = "query($search: String!) { products(search: $search) { totalCount nodes { name } } }"


def test_the_examples_in_the_code_hold() -> None:
    for module in (search_text, texts):
        assert doctest.testmod(module).failed == 0


async def fill(shop: Shop) -> None:
    names = [
        {"fr": "Théière dorée", "ar": "إبريق شاي مُذهَّب"},
        {"fr": "Huile d'olive", "ar": "زَيْت الزَّيْتُون", "en": "Olive oil"},
        {"fr": "Tapis de prière", "ar": "سجّادة صلاة"},
        {"fr": "Café moulu", "ar": "قهوة مطحونة", "en": "Ground coffee"},
        {"fr": "Œufs de caille", "en": "Quail eggs 100%"},
    ]
    rows = [
        {"slug": f"p-{number}", "name": name, "variants": [priced(f"SKU-{number}")], "publish": True}
        for number, name in enumerate(names)
    ]
    rows[2]["description"] = {"fr": "Pour le thé, la prière et le repos"}
    assert (await shop.bulk(rows))["createdCount"] == 5


FOUND_BY: list[tuple[str, list[str]]] = [
    ("theiere", ["Théière dorée"]),
    ("THÉIÈRES DORÉES", ["Théière dorée"]),
    ("l'huile", ["Huile d'olive"]),
    ("olive oil", ["Huile d'olive"]),
    ("زيت زيتون", ["Huile d'olive"]),
    ("الزيتون", ["Huile d'olive"]),
    ("زيـــت", ["Huile d'olive"]),
    ("ابريق", ["Théière dorée"]),
    ("أبريق شاى", ["Théière dorée"]),
    ("سجاده", ["Tapis de prière"]),
    ("القهوه", ["Café moulu"]),
    ("قَهْوَة", ["Café moulu"]),
    ("GHWX", []),
    ("مدهب", ["Théière dorée"]),
    ("oeuf", ["Œufs de caille"]),
    ("100%", ["Œufs de caille"]),
    ("sku-3", ["Café moulu"]),
    ("thé", ["Théière dorée", "Tapis de prière"]),
    ("tapis theiere", []),
    ("_", ["Café moulu", "Huile d'olive", "Œufs de caille", "Tapis de prière", "Théière dorée"]),
]


async def test_spelling_does_not_hide_a_product(products: RunningSubgraph, shop: Shop) -> None:
    await fill(shop)
    for search, found in FOUND_BY:
        answer = (await products.data(SEARCH, {"search": search}))["products"]
        names = [each["name"] for each in answer["nodes"]]
        assert (names, answer["totalCount"]) == (found, len(found)), search


async def test_a_search_uses_the_trigram_index(products: RunningSubgraph) -> None:
    async with products.app.database.engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        plan = await connection.execute(
            text("EXPLAIN SELECT id FROM products WHERE search_text LIKE '%theiere%'")
        )
        assert "ix_products_search_text" in "\n".join(plan.scalars())


async def test_arabic_has_trigrams_whatever_the_servers_locale(products: RunningSubgraph) -> None:
    async with products.app.database.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT show_trgm(:text)"), {"text": search_text.normalize("زيت")}
        )
        assert len(found.scalar_one()) == 4


async def test_a_search_too_long_is_refused(products: RunningSubgraph) -> None:
    answer = await products.execute(SEARCH, {"search": "x" * 201})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
