"""Who sees what, by every path, and how a product moves between its statuses."""

from __future__ import annotations

from typing import Any

import pytest

from subgraphs.kit.auth.viewer import Viewer
from tests.subgraphs.products.shop import Shop, priced
from tests.support.subgraph import Caller, RunningSubgraph

PATHS = """query($id: ID!, $variants: [ID!]!, $slug: String!, $org: ID!) {
    product(id: $id) { id }
    bySlug: product(slug: $slug, organizationId: $org) { id }
    products { totalCount nodes { id } }
    found: products(search: "secret") { totalCount }
    bySku: products(where: { sku: { eq: "SECRET" } }) { totalCount }
    notPublished: products(where: { NOT: { status: { eq: PUBLISHED } } }) { totalCount }
    productFacets { totalCount categories { count } tags { count } statuses { count } }
    variants(ids: $variants) { id } }"""

UNSEEN = {
    "product": None,
    "bySlug": None,
    "products": {"totalCount": 0, "nodes": []},
    "found": {"totalCount": 0},
    "bySku": {"totalCount": 0},
    "notPublished": {"totalCount": 0},
    "productFacets": {"totalCount": 0, "categories": [], "tags": [], "statuses": []},
    "variants": [None],
}


async def secret_draft(shop: Shop) -> dict[str, Any]:
    category, tag = await shop.category("Secrets"), await shop.tag("Secret")
    variants = [priced("SECRET")]
    return await shop.product(name={"fr": "Secret"}, variants=variants, categoryId=category, tagIds=[tag])


async def everything_seen(
    products: RunningSubgraph, shop: Shop, draft: dict[str, Any], caller: Caller | None
) -> tuple[dict[str, Any], list[Any]]:
    """Returns what every path of queries, and `_entities`, answer about the draft."""
    variant_id = draft["variants"][0]["id"]
    org = str(shop.organization_id)
    variables = {"id": draft["id"], "variants": [variant_id], "slug": draft["slug"], "org": org}
    representations = [
        {"__typename": "Product", "id": draft["id"]},
        {"__typename": "ProductVariant", "id": variant_id},
    ]
    selection = "... on Product { id } ... on ProductVariant { id }"
    entities = await products.entities(representations, selection, caller)
    return await products.data(PATHS, variables, caller), entities


async def test_a_draft_is_hidden_from_all_but_its_staff_by_every_path(
    products: RunningSubgraph, shop: Shop
) -> None:
    callers = {
        "nobody": None,
        "customer": products.customer(),
        "stranger": products.user(permissions=["*"]),
        "colleague": shop.someone(["orders:read", "inventory:*"]),
        "service": products.service("orders", permissions=["products:read", "internal"]),
        "platform": products.service("orders", Viewer(), ["*"]),
    }
    draft = await secret_draft(shop)
    for who, caller in callers.items():
        answer, entities = await everything_seen(products, shop, draft, caller)
        assert answer == UNSEEN, who
        assert entities == [None, None], who


@pytest.mark.parametrize("verb", ["productUnpublish", "productArchive"])
async def test_what_was_published_disappears_again(products: RunningSubgraph, shop: Shop, verb: str) -> None:
    draft = await secret_draft(shop)
    await shop.set_status("productPublish", draft["id"])
    assert (await products.data("{ products { totalCount } }"))["products"]["totalCount"] == 1
    await shop.set_status(verb, draft["id"])
    answer, entities = await everything_seen(products, shop, draft, None)
    assert answer == UNSEEN
    assert entities == [None, None]


async def test_staff_and_a_service_for_them_see_their_drafts(products: RunningSubgraph, shop: Shop) -> None:
    draft = await secret_draft(shop)
    service = products.service("orders", shop.staff.viewer, ["products:read"])
    variant_id = draft["variants"][0]["id"]
    for caller in (shop.staff, shop.someone(["products:read"]), service):
        answer, entities = await everything_seen(products, shop, draft, caller)
        assert answer["product"] == answer["bySlug"] == {"id": draft["id"]}
        assert answer["productFacets"] == {
            "totalCount": 1,
            "categories": [{"count": 1}],
            "tags": [{"count": 1}],
            "statuses": [{"count": 1}],
        }
        assert answer["variants"] == [{"id": variant_id}]
        assert [each["id"] for each in entities] == [draft["id"], variant_id]


async def test_an_archived_variant_is_for_staff_alone(products: RunningSubgraph, shop: Shop) -> None:
    product = await shop.published("A")
    archive = "mutation($id: ID!) { productVariantArchive(id: $id) { userErrors { code } } }"
    gone = product["variants"][0]["id"]
    await shop.set_status("productUnpublish", product["id"])
    await shop.ask(archive, {"id": gone})
    await shop.upsert_variant(product["id"], "B", price={"amountMinor": "1"})
    await shop.set_status("productPublish", product["id"])
    query = "query($ids: [ID!]!) { variants(ids: $ids) { sku isPurchasable } }"
    assert await products.data(query, {"ids": [gone]}) == {"variants": [None]}
    assert await shop.ask(query, {"ids": [gone]}) == {"variants": [{"sku": "A", "isPurchasable": False}]}


async def test_variants_come_in_order_with_what_orders_need(products: RunningSubgraph, shop: Shop) -> None:
    first, second = await shop.published("A", 100), await shop.published("B", 200)
    ids = [second["variants"][0]["id"], "nonsense", first["variants"][0]["id"], second["variants"][0]["id"]]
    query = """query($ids: [ID!]!) { variants(ids: $ids) { sku organizationId product { id } name { fr }
        productName { fr } price { amountMinor currency } isPurchasable } }"""
    answer = (await products.data(query, {"ids": ids}))["variants"]
    assert (
        answer[0]
        == answer[3]
        == {
            "sku": "B",
            "organizationId": str(shop.organization_id),
            "product": {"id": second["id"]},
            "name": {"fr": "Tapis"},
            "productName": {"fr": "Tapis"},
            "price": {"amountMinor": "200", "currency": "DZD"},
            "isPurchasable": True,
        }
    )
    assert (answer[1], answer[2]["sku"]) == (None, "A")
    too_many = await products.execute(query, {"ids": ["x"] * 101})
    assert [error["extensions"]["code"] for error in too_many["errors"]] == ["BAD_USER_INPUT"]


async def test_a_product_moves_as_the_table_says(shop: Shop) -> None:
    product = await shop.product(variants=[priced("A")])
    query = "query($id: ID!) { product(id: $id) { status nextStatuses } }"

    async def now() -> dict[str, Any]:
        return (await shop.ask(query, {"id": product["id"]}))["product"]

    assert await now() == {"status": "DRAFT", "nextStatuses": ["PUBLISHED", "ARCHIVED"]}
    await shop.set_status("productPublish", product["id"])
    assert await now() == {"status": "PUBLISHED", "nextStatuses": ["DRAFT", "ARCHIVED"]}
    await shop.set_status("productArchive", product["id"])
    assert await now() == {"status": "ARCHIVED", "nextStatuses": ["DRAFT"]}
    refused = await shop.set_status("productPublish", product["id"])
    assert refused["userErrors"] == [{"code": "FORBIDDEN_TRANSITION", "field": ["status"]}]
    await shop.set_status("productUnpublish", product["id"])
    assert (await now())["status"] == "DRAFT"
    types = [type_ for type_, _, _ in await shop.events()]
    assert types == ["product.created", "product.published", "product.archived", "product.unpublished"]


async def test_publishing_twice_changes_and_tells_nothing(shop: Shop) -> None:
    product = await shop.product(variants=[priced("A")])
    first = await shop.set_status("productPublish", product["id"])
    assert await shop.set_status("productPublish", product["id"]) == first
    published = [payload for type_, _, payload in await shop.events() if type_ == "product.published"]
    assert published == [
        {
            "name": {"fr": "Tapis"},
            "slug": {"fr": "tapis"},
            "status_before": "draft",
            "actor_id": str(shop.staff.viewer.user_id),
        }
    ]


async def test_nobody_writes_without_permission_or_in_another_organization(
    products: RunningSubgraph, shop: Shop
) -> None:
    product = await shop.published("A")
    mutation = "mutation($id: ID!) { productUnpublish(id: $id) { userErrors { code field } } }"
    variables = {"id": product["id"]}
    for caller, code in (
        (None, "UNAUTHENTICATED"),
        (products.customer(), "FORBIDDEN"),
        (shop.someone(["products:read"]), "FORBIDDEN"),
    ):
        answer = await products.execute(mutation, variables, caller)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    stranger = await Shop(products).set_status("productUnpublish", product["id"])
    assert stranger == {"product": None, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}
    assert (await products.data("{ products { totalCount } }"))["products"]["totalCount"] == 1


async def test_another_organizations_category_and_tag_cannot_be_used(
    products: RunningSubgraph, shop: Shop
) -> None:
    other = Shop(products)
    category, tag = await other.category("À eux"), await other.tag("À eux")
    for given, field in (({"categoryId": category}, "categoryId"), ({"tagIds": [tag]}, "tagIds")):
        refused = await shop.create(**given)
        assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", field]}]
