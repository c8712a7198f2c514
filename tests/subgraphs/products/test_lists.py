"""Lists of products: what they cost, filters, order, pages and facets."""

from __future__ import annotations

import random
from typing import Any

from tests.subgraphs.products.shop import Shop, priced
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

FULL_LIST = """query($first: Int!) { products(first: $first) { edges { node {
    id name slug description status priceRange { min { amountMinor } max { amountMinor } }
    variants { id sku name { fr } price { amountMinor } product { id } }
    category { name } tags { name } } } } }"""


async def fill(shop: Shop, count: int) -> None:
    """Writes products in categories Racine > Branche > Feuille and with tags Un, Deux, by their number."""
    root = await shop.category("Racine")
    branch = await shop.category("Branche", root)
    await shop.category("Feuille", branch)
    for name in ("Un", "Deux"):
        await shop.tag(name)
    rows = [
        {
            "slug": f"p-{number:02}",
            "name": {"fr": f"Produit {number:02}"},
            "category": ["racine", "branche", "feuille", None][number % 4],
            "tags": [["un"], ["deux"], ["un", "deux"], []][number % 4],
            "variants": [priced(f"S{number:02}", 100 * (number % 5))],
            "publish": number % 6 != 5,
        }
        for number in range(count)
    ]
    assert (await shop.bulk(rows))["refusedCount"] == 0


async def test_a_list_costs_four_statements_whatever_its_length(
    products: RunningSubgraph, shop: Shop
) -> None:
    await fill(shop, 24)
    for first in (1, 20):
        with recorded_statements(products.app.database.engine) as statements:
            answer = await products.data(FULL_LIST, {"first": first})
        assert len(answer["products"]["edges"]) == first
        assert len(statements) == 4  # products, variants, categories, tags


async def test_entities_cost_one_statement_per_type(products: RunningSubgraph, shop: Shop) -> None:
    await fill(shop, 12)
    query = "{ products { nodes { id variants { id } } } }"
    nodes = (await products.data(query))["products"]["nodes"]
    representations = [
        *[{"__typename": "Product", "id": node["id"]} for node in nodes],
        *[{"__typename": "ProductVariant", "id": node["variants"][0]["id"]} for node in nodes],
    ]
    selection = "... on Product { name } ... on ProductVariant { sku productName { fr } product { id } }"
    with recorded_statements(products.app.database.engine) as statements:
        found = await products.entities(representations, selection)
    assert len(statements) == 2
    assert [each["product"]["id"] for each in found[len(nodes) :]] == [node["id"] for node in nodes]


async def names(products: RunningSubgraph, arguments: str, shop: Shop | None = None) -> list[str]:
    answer = await products.data(
        f"{{ products({arguments}) {{ nodes {{ name }} }} }}", None, shop.staff if shop else None
    )
    return [node["name"].removeprefix("Produit ") for node in answer["products"]["nodes"]]


async def test_filters_and_orders(products: RunningSubgraph, shop: Shop) -> None:
    await fill(shop, 12)
    by_name = "orderBy: [{ field: NAME }]"
    cases = {
        f"where: {{ price: {{ gte: 300 }} }}, {by_name}": ["03", "04", "08", "09"],
        f'where: {{ name: {{ contains: "duit 0" }}, price: {{ lt: 100 }} }}, {by_name}': ["00"],
        'where: { sku: { in: ["S01", "S05", "S02"] } }, orderBy: [{ field: NAME, direction: DESC }]': [
            "02",
            "01",
        ],
        f"where: {{ categoryId: {{ isNull: true }} }}, {by_name}": ["03", "07"],
        f"where: {{ tagId: {{ isNull: true }} }}, {by_name}": ["03", "07"],
        'where: { OR: [{ sku: { eq: "S00" } }, { AND: [{ sku: { eq: "S01" } }] }] }, '
        "orderBy: [{ field: PRICE, direction: DESC }]": ["01", "00"],
        "first: 3, orderBy: [{ field: PRICE }, { field: NAME }]": ["00", "10", "01"],
        "first: 2": ["10", "09"],
        "last: 2, orderBy: [{ field: CREATED_AT }]": ["09", "10"],
    }
    for arguments, expected in cases.items():
        assert await names(products, arguments) == expected, arguments
    draft = f"where: {{ status: {{ eq: DRAFT }} }}, {by_name}"
    assert await names(products, draft) == []
    assert await names(products, draft, shop) == ["05", "11"]


async def test_a_category_holds_what_stands_below_it(products: RunningSubgraph, shop: Shop) -> None:
    await fill(shop, 8)
    found = (await products.data("{ categories { nodes { id slug } } }"))["categories"]["nodes"]
    ids = {each["slug"]: each["id"] for each in found}
    for slug, expected in {
        "racine": ["00", "01", "02", "04", "06"],
        "branche": ["01", "02", "06"],
        "feuille": ["02", "06"],
    }.items():
        where = f'where: {{ categoryId: {{ eq: "{ids[slug]}" }} }}, orderBy: [{{ field: NAME }}]'
        assert await names(products, where) == expected
    outside = (
        f'where: {{ NOT: {{ categoryId: {{ in: ["{ids["branche"]}"] }} }} }}, orderBy: [{{ field: NAME }}]'
    )
    assert await names(products, outside) == ["00", "03", "04", "07"]


async def test_pages_join_into_the_whole_list(products: RunningSubgraph, shop: Shop) -> None:
    await fill(shop, 12)
    query = """query($after: String, $order: [ProductOrder!], $search: String) {
        products(first: 4, after: $after, orderBy: $order, search: $search) {
            nodes { name } pageInfo { hasNextPage endCursor } } }"""
    orders: list[dict[str, Any]] = [
        {},
        {"search": "produit"},
        {"order": [{"field": "PRICE", "direction": "DESC"}, {"field": "NAME", "direction": "ASC"}]},
    ]
    for variables in orders:
        walked: list[str] = []
        after, more = None, True
        while more:
            page = (await products.data(query, {**variables, "after": after}))["products"]
            walked += [node["name"] for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(walked) == len(set(walked)) == 10


async def test_facets_count_as_the_lists_do(products: RunningSubgraph, shop: Shop, seed: int) -> None:
    await fill(shop, 24)
    drawn = random.Random(f"{seed}/facets")
    facets = """query($where: ProductWhere, $search: String) { productFacets(where: $where, search: $search) {
        totalCount categories { category { id } count } tags { tag { id } count }
        statuses { status count } } }"""
    for caller in (None, shop.staff):
        where = {"price": {"lte": str(drawn.randrange(0, 500))}}
        variables = {"where": where, "search": drawn.choice([None, "produit", "1"])}
        found = (await products.data(facets, variables, caller))["productFacets"]
        assert found["categories"], "the draw must leave something to count"
        expected = [
            ({}, found["totalCount"]),
            *[
                ({"categoryId": {"eq": each["category"]["id"]}}, each["count"])
                for each in found["categories"]
            ],
            *[({"tagId": {"eq": each["tag"]["id"]}}, each["count"]) for each in found["tags"]],
            *[({"status": {"eq": each["status"]}}, each["count"]) for each in found["statuses"]],
        ]
        for narrower, count in expected:
            narrowed = {**variables, "where": {"AND": [where, narrower]}}
            listed = await products.data(
                """query($where: ProductWhere, $search: String) {
                    products(where: $where, search: $search, first: 0) { totalCount } }""",
                narrowed,
                caller,
            )
            assert listed["products"]["totalCount"] == count, narrowed


async def test_bad_filters_are_refused_with_a_code(products: RunningSubgraph) -> None:
    for arguments in (
        'where: { categoryId: { eq: "x" } }',
        "where: { tagId: { in: null } }",
        "first: 101",
        'after: "x"',
        "orderBy: [{ field: NAME }, { field: NAME }]",
        'where: { name: { eq: "a\\u0000b" } }',
    ):
        answer = await products.execute(f"{{ products({arguments}) {{ nodes {{ id }} }} }}")
        codes = [error["extensions"]["code"] for error in answer["errors"]]
        assert codes == ["BAD_USER_INPUT"], arguments
