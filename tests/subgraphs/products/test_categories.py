"""The tree of categories, alone and under concurrent moves."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from sqlalchemy import text

from tests.subgraphs.products.shop import Shop
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

TREE = """{ categories(where: { parentId: { isNull: true } }) { nodes {
    slug depth children { slug depth breadcrumb { slug } children { slug breadcrumb { slug } } } } } }"""


async def test_a_tree_reads_level_by_level_with_breadcrumbs(products: RunningSubgraph, shop: Shop) -> None:
    home = await shop.category("Maison")
    rugs = await shop.category("Tapis", home)
    await shop.category("Laine", rugs)
    await shop.category("Lampes", home, position=0)
    await shop.category("Cuisine")
    with recorded_statements(products.app.database.engine) as statements:
        answer = await products.data(TREE)
    assert len(statements) == 5  # roots, children, grandchildren, and the breadcrumbs of either level
    maison, cuisine = answer["categories"]["nodes"]
    assert (cuisine["slug"], cuisine["children"]) == ("cuisine", [])
    assert (maison["slug"], maison["depth"]) == ("maison", 1)
    tapis = next(each for each in maison["children"] if each["slug"] == "tapis")
    assert tapis["breadcrumb"] == [{"slug": "maison"}, {"slug": "tapis"}]
    assert tapis["children"] == [
        {"slug": "laine", "breadcrumb": [{"slug": "maison"}, {"slug": "tapis"}, {"slug": "laine"}]}
    ]


async def test_a_move_takes_everything_below_along(shop: Shop) -> None:
    home, garden = await shop.category("Maison"), await shop.category("Jardin")
    rugs = await shop.category("Tapis", home)
    wool = await shop.category("Laine", rugs)
    moved = await shop.move(rugs, garden)
    assert moved["category"]["breadcrumb"] == [{"slug": "jardin"}, {"slug": "tapis"}]
    assert moved["category"]["version"] == 2
    query = "query($id: ID!) { category(id: $id) { version breadcrumb { slug } parent { slug } } }"
    assert (await shop.ask(query, {"id": wool}))["category"] == {
        "version": 1,
        "breadcrumb": [{"slug": "jardin"}, {"slug": "tapis"}, {"slug": "laine"}],
        "parent": {"slug": "tapis"},
    }
    root = await shop.move(rugs, None)
    assert root["category"]["breadcrumb"] == [{"slug": "tapis"}]
    told = [payload for type_, _, payload in await shop.events() if type_ == "category.moved"]
    assert [(each["parent_before"], each["parent_after"]) for each in told] == [
        (home, garden),
        (garden, None),
    ]


async def test_a_category_cannot_stand_below_itself_nor_too_deep(shop: Shop) -> None:
    top = await shop.category("C1")
    below = [top]
    for level in range(2, 9):
        below.append(await shop.category(f"C{level}", below[-1]))
    for target in (top, below[4]):
        refused = await shop.move(top, target)
        assert refused["userErrors"] == [{"code": "CATEGORY_CYCLE", "field": ["input", "parentId"]}]
    side = await shop.category("Ailleurs")
    refused = await shop.move(top, side)
    assert refused["userErrors"] == [{"code": "CATEGORY_TOO_DEEP", "field": ["input", "parentId"]}]
    assert (await shop.move(below[1], side))["userErrors"] == []
    stale = await shop.move(below[1], None, expectedVersion=1)
    assert stale["userErrors"] == [{"code": "CONFLICT", "field": ["input", "expectedVersion"]}]


async def test_another_shops_category_cannot_be_touched(products: RunningSubgraph, shop: Shop) -> None:
    theirs = await Shop(products).category("À eux")
    mine = await shop.category("À moi")
    refused = await shop.move(mine, theirs)
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "parentId"]}]
    refused = await shop.move(theirs, None)
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "id"]}]


async def test_only_an_empty_category_is_deleted(shop: Shop) -> None:
    mutation = "mutation($id: ID!) { categoryDelete(id: $id) { deletedId userErrors { code } } }"
    home = await shop.category("Maison")
    rugs = await shop.category("Tapis", home)
    product = await shop.product(categoryId=rugs)
    for full in (home, rugs):
        answer = (await shop.ask(mutation, {"id": full}))["categoryDelete"]
        assert answer == {"deletedId": None, "userErrors": [{"code": "CATEGORY_NOT_EMPTY"}]}
    await shop.update(product["id"], categoryId=None)
    for empty in (rugs, home):
        answer = (await shop.ask(mutation, {"id": empty}))["categoryDelete"]
        assert answer == {"deletedId": empty, "userErrors": []}


async def test_a_slug_names_one_category_and_can_be_changed(shop: Shop) -> None:
    create = """mutation($slug: String) { categoryCreate(input: { name: { fr: "Maison" }, slug: $slug }) {
        category { slug } userErrors { code field } } }"""
    home = await shop.category("Maison")
    refused = (await shop.ask(create, {}))["categoryCreate"]
    assert refused["userErrors"] == [{"code": "SLUG_TAKEN", "field": ["input", "slug"]}]
    update = """mutation($id: ID!) {
        categoryUpdate(id: $id, input: { slug: "chez-soi", name: { ar: "بيت" } }) {
            category { slug name translations { fr ar } version } } }"""
    answer = (await shop.ask(update, {"id": home}))["categoryUpdate"]["category"]
    assert answer == {
        "slug": "chez-soi",
        "name": "بيت",
        "translations": {"fr": None, "ar": "بيت"},
        "version": 2,
    }
    assert (await shop.ask(create, {}))["categoryCreate"]["category"] == {"slug": "maison"}


async def test_two_moves_that_make_a_cycle_together_are_not_both_carried_out(shop: Shop) -> None:
    for number in range(5):
        one, other = await shop.category(f"Un {number}"), await shop.category(f"Deux {number}")
        answers = await asyncio.gather(shop.move(one, other), shop.move(other, one))
        codes = [error["code"] for answer in answers for error in answer["userErrors"]]
        assert codes == ["CATEGORY_CYCLE"]


async def test_a_storm_of_moves_leaves_a_tree(products: RunningSubgraph, shop: Shop, seed: int) -> None:
    drawn = random.Random(f"{seed}/moves")
    ids = [await shop.category(f"C{number}") for number in range(8)]

    async def mover() -> None:
        for _ in range(6):
            await shop.move(drawn.choice(ids), drawn.choice([*ids, None]))

    await asyncio.gather(*[mover() for _ in range(5)])
    async with products.app.database.engine.connect() as connection:
        found = await connection.execute(text("SELECT id, parent_id, path FROM categories"))
        rows = {row.id: row for row in found}
    assert len(rows) == 8
    for row in rows.values():
        assert list(row.path) == way_to(row, rows)


def way_to(row: Any, rows: dict[Any, Any]) -> list[Any]:
    """Returns the ids from the root, found by walking up; a cycle fails."""
    way = [row.id]
    while row.parent_id is not None:
        row = rows[row.parent_id]
        assert row.id not in way, "a cycle"
        way.insert(0, row.id)
    return way
