"""Tags: made, renamed, taken away."""

from __future__ import annotations

from tests.subgraphs.products.shop import Shop
from tests.support.subgraph import RunningSubgraph

UPDATE = """mutation($id: ID!, $input: TagUpdateInput!) { tagUpdate(id: $id, input: $input) {
    tag { slug name version } userErrors { code field } } }"""
DELETE = "mutation($id: ID!) { tagDelete(id: $id) { deletedId userErrors { code } } }"


async def test_a_tag_is_renamed_under_its_version_and_slug(shop: Shop) -> None:
    wool, _ = await shop.tag("Laine"), await shop.tag("Coton")
    renamed = await shop.ask(
        UPDATE, {"id": wool, "input": {"name": {"fr": "Pure laine"}, "expectedVersion": 1}}
    )
    assert renamed["tagUpdate"]["tag"] == {"slug": "laine", "name": "Pure laine", "version": 2}
    for given, code, field in (
        ({"slug": "soie", "expectedVersion": 1}, "CONFLICT", "expectedVersion"),
        ({"slug": "coton"}, "SLUG_TAKEN", "slug"),
        ({"slug": "Pas Bon"}, "INVALID_INPUT", "slug"),
    ):
        refused = (await shop.ask(UPDATE, {"id": wool, "input": given}))["tagUpdate"]
        assert refused == {"tag": None, "userErrors": [{"code": code, "field": ["input", field]}]}


async def test_a_deleted_tag_leaves_its_products(products: RunningSubgraph, shop: Shop) -> None:
    wool, cotton = await shop.tag("Laine"), await shop.tag("Coton")
    product = await shop.product(tagIds=[cotton, wool])
    theirs = (await products.data(DELETE, {"id": wool}, Shop(products).staff))["tagDelete"]
    assert theirs == {"deletedId": None, "userErrors": [{"code": "NOT_FOUND"}]}
    gone = (await shop.ask(DELETE, {"id": wool}))["tagDelete"]
    assert gone == {"deletedId": wool, "userErrors": []}
    query = "query($id: ID!) { product(id: $id) { tags { slug } } tags { nodes { slug } } }"
    assert await shop.ask(query, {"id": product["id"]}) == {
        "product": {"tags": [{"slug": "coton"}]},
        "tags": {"nodes": [{"slug": "coton"}]},
    }
