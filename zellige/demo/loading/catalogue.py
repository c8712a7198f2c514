"""Categories, tags and products, sent in bulk where the API takes bulk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from zellige.demo.loading.client import DemoClient, DemoRefusedError
from zellige.demo.shop import DemoCategory, DemoProduct, DemoShop, DemoTag

ROWS_PER_CALL = 50

FIND_CATEGORIES = """
query Categories($where: CategoryWhere!, $after: String) {
  found: categories(first: 100, after: $after, where: $where) {
    nodes { id slug } pageInfo { hasNextPage endCursor }
  }
}
"""
FIND_TAGS = """
query Tags($where: TagWhere!, $after: String) {
  found: tags(first: 100, after: $after, where: $where) {
    nodes { id slug } pageInfo { hasNextPage endCursor }
  }
}
"""
FIND_PRODUCTS = """
query Products($where: ProductWhere!, $after: String) {
  found: products(first: 100, after: $after, where: $where) {
    nodes { id slug variants { id sku } } pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE_CATEGORY = """
mutation CreateCategory($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id } userErrors { code message } }
}
"""
CREATE_TAG = """
mutation CreateTag($input: TagCreateInput!) {
  tagCreate(input: $input) { tag { id } userErrors { code message } }
}
"""
UPSERT_PRODUCTS = """
mutation UpsertProducts($input: ProductBulkUpsertInput!) {
  productBulkUpsert(input: $input) {
    results { index userErrors { code message field } }
    userErrors { code message }
  }
}
"""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant as the API knows it."""

    variant_id: str
    product_id: str


async def load_catalogue(owner: DemoClient, organization_id: str, shop: DemoShop) -> dict[str, Sellable]:
    """Sends what is missing and returns every variant by its SKU."""
    mine = {"organizationId": {"eq": organization_id}}
    await _load_categories(owner, mine, shop.categories)
    await _load_tags(owner, mine, shop.tags)
    present = {node["slug"] async for node in pages(owner, FIND_PRODUCTS, {"where": mine})}
    missing = [product for product in shop.products if product.slug not in present]
    for batch in batches(missing, ROWS_PER_CALL):
        await _send_products(owner, batch)
    return {
        variant["sku"]: Sellable(variant["id"], node["id"])
        async for node in pages(owner, FIND_PRODUCTS, {"where": mine})
        for variant in node["variants"]
    }


async def pages(client: DemoClient, query: str, variables: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yields the nodes of a connection aliased `found`, page after page."""
    after: str | None = None
    while True:
        page = (await client.ask(query, {**variables, "after": after}))["found"]
        for node in page["nodes"]:
            yield node
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yields the items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def key_of(what: str, content: Any) -> str:
    """Returns an idempotency key that is the same for the same content: a call sent twice acts once."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"demo-{what}-{digest[:32]}"


async def _load_categories(
    owner: DemoClient, mine: dict[str, Any], categories: Iterable[DemoCategory]
) -> None:
    ids = {node["slug"]: node["id"] async for node in pages(owner, FIND_CATEGORIES, {"where": mine})}
    for category in categories:
        if category.slug in ids:
            continue
        given = {
            "name": asdict(category.name),
            "slug": category.slug,
            "parentId": ids[category.parent] if category.parent else None,
        }
        payload = await owner.change(CREATE_CATEGORY, {"input": given})
        ids[category.slug] = payload["category"]["id"]


async def _load_tags(owner: DemoClient, mine: dict[str, Any], tags: Iterable[DemoTag]) -> None:
    present = {node["slug"] async for node in pages(owner, FIND_TAGS, {"where": mine})}
    for tag in tags:
        if tag.slug not in present:
            await owner.change(CREATE_TAG, {"input": {"name": asdict(tag.name), "slug": tag.slug}})


async def _send_products(owner: DemoClient, products: Sequence[DemoProduct]) -> None:
    rows = [_row(product) for product in products]
    given = {"idempotencyKey": key_of("products", rows), "rows": rows}
    payload = await owner.change(UPSERT_PRODUCTS, {"input": given})
    for result in payload["results"]:
        for error in result["userErrors"]:
            slug = products[result["index"]].slug
            raise DemoRefusedError(f"product {slug}: {error['message']} ({error['code']}, {error['field']})")


def _row(product: DemoProduct) -> dict[str, Any]:
    return {
        "slug": product.slug,
        "name": asdict(product.name),
        "description": asdict(product.description),
        "category": product.category,
        "tags": list(product.tags),
        "options": [
            {
                "code": option.code,
                "name": asdict(option.name),
                "values": [{"code": value.code, "name": asdict(value.name)} for value in option.values],
            }
            for option in product.options
        ],
        "variants": [
            {
                "sku": variant.sku,
                "barcode": variant.barcode,
                "price": {"amountMinor": str(variant.price_minor), "currency": "DZD"},
                "options": [{"option": option, "value": value} for option, value in variant.choices],
            }
            for variant in product.variants
        ],
        "publish": product.published,
    }
