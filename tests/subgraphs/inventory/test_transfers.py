"""Goods on their way between warehouses."""

from __future__ import annotations

from typing import Any

from subgraphs.kit.ids import new_id
from tests.subgraphs.inventory.shop import ERRORS, Shop, codes, variant

LINES = "lines { variant { id } quantity received returned inTransit }"
TRANSFER = f"transfer {{ id status fromWarehouse {{ code }} toWarehouse {{ code }} {LINES} }} {ERRORS}"


async def _send(shop: Shop, origin: str, to: str, *amounts: tuple[str, int], **given: Any) -> dict[str, Any]:
    wish = {
        "idempotencyKey": str(new_id()),
        "fromWarehouseId": origin,
        "toWarehouseId": to,
        "lines": [{"variantId": item, "quantity": quantity} for item, quantity in amounts],
        **given,
    }
    return await shop.mutate("stockTransfer", wish, TRANSFER)


async def _arrive(shop: Shop, mutation: str, transfer_id: str, *amounts: tuple[str, int]) -> dict[str, Any]:
    given: dict[str, Any] = {"idempotencyKey": str(new_id()), "transferId": transfer_id}
    if amounts:
        given["lines"] = [{"variantId": item, "quantity": quantity} for item, quantity in amounts]
    return await shop.mutate(mutation, given, TRANSFER)


async def _on_hand(shop: Shop, item: str) -> dict[str, int]:
    return {level["warehouse"]: level["onHand"] for level in await shop.levels(item)}


async def test_goods_in_transit_are_in_no_warehouse_until_they_arrive(shop: Shop) -> None:
    item = variant()
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (item, 10))
    sent = await _send(shop, algiers, oran, (item, 2), (item, 4))
    assert sent["transfer"]["status"] == "IN_TRANSIT"
    assert sent["transfer"]["lines"] == [
        {"variant": {"id": item}, "quantity": 6, "received": 0, "returned": 0, "inTransit": 6}
    ]
    assert await shop.available(item) == [4]
    come = await _arrive(shop, "stockTransferReceive", sent["transfer"]["id"])
    assert come["transfer"]["status"] == "CLOSED"
    assert await _on_hand(shop, item) == {"ALG": 4, "ORN": 6}
    assert await shop.available(item) == [10]
    assert await shop.discrepancies() == []


async def test_a_transfer_arrives_in_parts_and_the_rest_comes_back(shop: Shop) -> None:
    item = variant()
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (item, 10))
    transfer_id = (await _send(shop, algiers, oran, (item, 6)))["transfer"]["id"]
    part = await _arrive(shop, "stockTransferReceive", transfer_id, (item, 4))
    assert part["transfer"]["status"] == "IN_TRANSIT"
    assert codes(await _arrive(shop, "stockTransferReceive", transfer_id, (item, 3))) == ["INVALID_INPUT"]
    rest = await _arrive(shop, "stockTransferReturn", transfer_id)
    assert rest["transfer"]["status"] == "CLOSED"
    assert rest["transfer"]["lines"] == [
        {"variant": {"id": item}, "quantity": 6, "received": 4, "returned": 2, "inTransit": 0}
    ]
    assert codes(await _arrive(shop, "stockTransferReceive", transfer_id)) == ["TRANSFER_CLOSED"]
    assert await _on_hand(shop, item) == {"ALG": 6, "ORN": 4}
    names = [
        name
        for name, _ in await shop.events(
            "stock.transfer_sent", "stock.transfer_received", "stock.transfer_returned"
        )
    ]
    assert names == ["stock.transfer_sent", "stock.transfer_received", "stock.transfer_returned"]


async def test_only_what_is_available_there_is_sent(shop: Shop) -> None:
    item, other = variant(), variant()
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (item, 10), (other, 10))
    await shop.stock(oran, (item, 10))
    await shop.reserve("order-1", (other, 7))
    payload = await _send(shop, algiers, oran, (item, 11), (other, 4))
    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["input", "lines"], "variantId": short}
        for short in sorted((item, other))
    ]
    assert codes(await _send(shop, algiers, algiers, (item, 1))) == ["INVALID_INPUT"]
    assert codes(await _send(shop, algiers, str(new_id()), (item, 1))) == ["NOT_FOUND"]
    assert await shop.available(item, other) == [20, 3]


async def test_a_transfer_is_sent_once_for_its_key(shop: Shop) -> None:
    item = variant()
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (item, 10))
    first = await _send(shop, algiers, oran, (item, 3), idempotencyKey="k")
    assert await _send(shop, algiers, oran, (item, 3), idempotencyKey="k") == first
    assert await shop.available(item) == [7]


async def test_a_warehouse_that_awaits_goods_cannot_be_closed(shop: Shop) -> None:
    item = variant()
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (item, 1))
    await _send(shop, algiers, oran, (item, 1))
    query = """mutation($id: ID!) { warehouseUpdate(id: $id, input: {isActive: false}) {
        userErrors { code } } }"""
    for place in (algiers, oran):
        data = await shop.inventory.data(query, {"id": place}, shop.staff)
        assert codes(data["warehouseUpdate"]) == ["WAREHOUSE_NOT_EMPTY"]
