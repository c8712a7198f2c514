"""Warehouses, and the deliveries that filled them."""

from __future__ import annotations

from collections.abc import Mapping

from zellige.demo.loading.catalogue import Sellable, batches, key_of, pages
from zellige.demo.loading.client import DemoClient
from zellige.demo.shop import DemoShop

ROWS_PER_CALL = 500

FIND_WAREHOUSES = """
query Warehouses($after: String) {
  found: warehouses(first: 100, after: $after) { nodes { id code } pageInfo { hasNextPage endCursor } }
}
"""
CREATE_WAREHOUSE = """
mutation CreateWarehouse($input: WarehouseCreateInput!) {
  warehouseCreate(input: $input) { warehouse { id } userErrors { code message } }
}
"""
RECEIVE = """
mutation Receive($input: StockBulkReceiveInput!) {
  stockBulkReceive(input: $input) { userErrors { code message field } }
}
"""


async def load_stock(owner: DemoClient, shop: DemoShop, sellable: Mapping[str, Sellable]) -> None:
    """Opens what is missing of the warehouses and receives the goods, once."""
    warehouses = await _open_warehouses(owner, shop)
    for batch in batches(shop.stock, ROWS_PER_CALL):
        rows = [
            {
                "warehouseId": warehouses[stock.warehouse],
                "variantId": sellable[stock.sku].variant_id,
                "productId": sellable[stock.sku].product_id,
                "quantity": stock.quantity,
            }
            for stock in batch
        ]
        # The key makes a second sending of the same delivery harmless.
        given = {"idempotencyKey": key_of("stock", rows), "rows": rows, "reference": "Opening stock"}
        await owner.change(RECEIVE, {"input": given})


async def _open_warehouses(owner: DemoClient, shop: DemoShop) -> dict[str, str]:
    ids = {node["code"]: node["id"] async for node in pages(owner, FIND_WAREHOUSES, {})}
    for priority, warehouse in enumerate(shop.warehouses, start=1):
        if warehouse.code in ids:
            continue
        given = {
            "code": warehouse.code,
            "name": warehouse.name.fr,
            "wilaya": int(warehouse.wilaya),
            "priority": priority * 10,
        }
        payload = await owner.change(CREATE_WAREHOUSE, {"input": given})
        ids[warehouse.code] = payload["warehouse"]["id"]
    return ids
