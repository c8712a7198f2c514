"""The bulk call: each row stands or falls alone, and the whole call happens once."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.subgraphs.products.shop import COLOURS, Shop, colour, priced
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph


def row(slug: str, **given: Any) -> dict[str, Any]:
    return {"slug": slug, "name": {"fr": slug.title()}, **given}


def outcome(payload: dict[str, Any]) -> list[Any]:
    """Returns per row the slug of the product, or the codes of the refusals."""
    return [
        each["product"]["slug"] if each["product"] else [error["code"] for error in each["userErrors"]]
        for each in payload["results"]
    ]


async def test_rows_create_with_everything_they_name(products: RunningSubgraph, shop: Shop) -> None:
    await shop.category("Maison")
    await shop.tag("Laine")
    await shop.tag("Fait main")
    payload = await shop.bulk(
        [
            row(
                "tapis-rouge",
                description={"fr": "Doux"},
                category="maison",
                tags=["laine", "fait-main"],
                options=COLOURS,
                variants=[priced("R", 10, options=colour("red")), priced("B", 30, options=colour("blue"))],
                publish=True,
            )
        ]
    )
    assert (payload["createdCount"], payload["updatedCount"], payload["refusedCount"]) == (1, 0, 0)
    query = """{ products { nodes { slug status category { slug } tags { slug }
        priceRange { min { amountMinor } max { amountMinor } } variants { sku name { fr ar } } } } }"""
    assert (await products.data(query))["products"]["nodes"] == [
        {
            "slug": "tapis-rouge",
            "status": "PUBLISHED",
            "category": {"slug": "maison"},
            "tags": [{"slug": "laine"}, {"slug": "fait-main"}],
            "priceRange": {"min": {"amountMinor": "10"}, "max": {"amountMinor": "30"}},
            "variants": [
                {"sku": "R", "name": {"fr": "Rouge", "ar": "أحمر"}},
                {"sku": "B", "name": {"fr": "Bleu", "ar": None}},
            ],
        }
    ]


async def test_a_refused_row_leaves_the_others_and_no_trace(shop: Shop) -> None:
    await shop.bulk([row("old", variants=[priced("OLD", 1)], publish=True)])
    payload = await shop.bulk(
        [
            row("good", variants=[priced("G")]),
            row("no-category", category="nowhere"),
            row("no-tag", tags=["nothing"]),
            row("Bad Slug"),
            {"slug": "nameless"},
            row("empty-name", name={"fr": " "}),
            row("taken", variants=[priced("old")]),
            row("unsellable", publish=True),
            {"slug": "old", "variants": [priced("OLD", -5)]},
            row("good"),
            row("after", variants=[priced("T")]),
        ]
    )
    assert outcome(payload) == [
        "good",
        ["NOT_FOUND"],
        ["NOT_FOUND"],
        ["INVALID_INPUT"],
        ["INVALID_INPUT"],
        ["INVALID_INPUT"],
        ["SKU_TAKEN"],
        ["NOTHING_TO_SELL"],
        ["INVALID_INPUT"],
        ["DUPLICATE_ROW"],
        "after",
    ]
    assert payload["results"][8]["userErrors"][0]["field"] == [
        *["input", "rows", "8", "variants", "0", "price", "amountMinor"]
    ]
    assert (payload["createdCount"], payload["refusedCount"], payload["userErrors"]) == (2, 9, [])
    found = await shop.ask("{ products(orderBy: [{ field: NAME }]) { nodes { slug version } } }")
    assert [(each["slug"], each["version"]) for each in found["products"]["nodes"]] == [
        ("after", 1),
        ("good", 1),
        ("old", 1),
    ]
    created = [subject for type_, subject, _ in await shop.events() if type_ == "product.created"]
    assert len(created) == 3


async def test_a_row_changes_the_product_its_slug_leads_to(shop: Shop) -> None:
    first = await shop.bulk([row("the", variants=[priced("T", 5)], publish=True)])
    changed = await shop.bulk([{"slug": "the", "variants": [priced("T", 6)], "publish": False}])
    product = changed["results"][0]["product"]
    assert product["id"] == first["results"][0]["product"]["id"]
    assert (product["name"], product["status"], product["version"]) == ("The", "DRAFT", 2)
    assert [each["price"] for each in product["variants"]] == [{"amountMinor": "6"}]
    assert (changed["createdCount"], changed["updatedCount"]) == (0, 1)


async def test_a_hundred_rows_are_one_call_and_more_are_refused(shop: Shop) -> None:
    rows = [row(f"p-{number}", variants=[priced(f"S{number}")], publish=True) for number in range(101)]
    refused = await shop.bulk(rows)
    assert refused["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", "rows"]}]
    assert refused["results"] is None
    payload = await shop.bulk(rows[:100])
    assert payload["createdCount"] == 100


async def test_a_row_costs_a_bounded_number_of_statements(products: RunningSubgraph, shop: Shop) -> None:
    def rows(prefix: str, count: int) -> list[dict[str, Any]]:
        return [row(f"{prefix}-{number}", variants=[priced(f"{prefix}{number}")]) for number in range(count)]

    counts: list[int] = []
    for prefix, count in (("a", 1), ("b", 11)):
        with recorded_statements(products.app.database.engine) as statements:
            await shop.bulk(rows(prefix, count))
        counts.append(len(statements))
    assert (counts[1] - counts[0]) / 10 <= 7


async def test_a_call_is_carried_out_once_even_when_sent_twice_at_once(shop: Shop) -> None:
    rows = [row("a", variants=[priced("A")]), row("b", category="nowhere")]
    answers = await asyncio.gather(*[shop.bulk(rows, key="import-1") for _ in range(5)])
    assert all(answer == answers[0] for answer in answers)
    assert outcome(answers[0]) == ["a", ["NOT_FOUND"]]
    assert len(await shop.events()) == 1
    other = await shop.bulk(rows[:1], key="import-1")
    assert other["userErrors"] == [{"code": "IDEMPOTENCY_CONFLICT", "field": ["input", "idempotencyKey"]}]
