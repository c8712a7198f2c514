"""Warehouses, goods that come in, corrections, and low stock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from subgraphs.kit.ids import new_id
from tests.subgraphs.inventory.shop import ERRORS, Shop, codes, variant
from tests.support.statements import recorded_statements

MOVEMENT = f"movement {{ kind quantity reason note reference warehouse {{ code }} }} {ERRORS}"
WAREHOUSE = f"warehouse {{ id code name wilaya priority isActive version }} {ERRORS}"


async def test_a_code_names_one_warehouse_of_an_organization(shop: Shop) -> None:
    draft = {"code": "ALG", "name": "Dépôt d'Alger", "wilaya": 16}
    payload = await shop.mutate("warehouseCreate", draft, WAREHOUSE)
    assert {**payload["warehouse"], "id": ""} == {
        "id": "",
        "code": "ALG",
        "name": "Dépôt d'Alger",
        "wilaya": 16,
        "priority": 100,
        "isActive": True,
        "version": 1,
    }
    assert codes(await shop.mutate("warehouseCreate", draft, WAREHOUSE)) == ["WAREHOUSE_CODE_TAKEN"]
    other = shop.staff_of(new_id())
    assert codes(await shop.mutate("warehouseCreate", draft, WAREHOUSE, other)) == []
    assert codes(await shop.mutate("warehouseCreate", {**draft, "wilaya": 100}, WAREHOUSE)) == [
        "INVALID_INPUT"
    ]


async def _update(shop: Shop, warehouse_id: str, **given: Any) -> dict[str, Any]:
    query = f"""mutation($id: ID!, $input: WarehouseUpdateInput!) {{
        warehouseUpdate(id: $id, input: $input) {{ {WAREHOUSE} }} }}"""
    data = await shop.inventory.data(query, {"id": warehouse_id, "input": given}, shop.staff)
    return data["warehouseUpdate"]


async def test_a_warehouse_is_closed_only_when_it_is_empty(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 1))
    assert codes(await _update(shop, place, isActive=False)) == ["WAREHOUSE_NOT_EMPTY"]
    taken = {
        "idempotencyKey": "k",
        "warehouseId": place,
        "variantId": item,
        "delta": -1,
        "reason": "LOSS",
    }
    await shop.mutate("stockAdjust", taken, MOVEMENT)
    payload = await _update(shop, place, isActive=False, name="Closed", expectedVersion=1)
    assert (payload["warehouse"]["isActive"], payload["warehouse"]["name"]) == (False, "Closed")
    assert codes(await _update(shop, place, isActive=True, expectedVersion=1)) == ["CONFLICT"]
    assert codes(await _receive(shop, place, item, 1)) == ["WAREHOUSE_INACTIVE"]


async def _receive(shop: Shop, place: str, item: str, quantity: int, **given: Any) -> dict[str, Any]:
    receipt = {
        "idempotencyKey": str(new_id()),
        "warehouseId": place,
        "variantId": item,
        "productId": shop.product_id,
        "quantity": quantity,
        **given,
    }
    return await shop.mutate("stockReceive", receipt, MOVEMENT)


async def test_goods_are_received_once_however_often_they_are_booked(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    given = {"idempotencyKey": "k", "reference": "BL-17"}
    first = await _receive(shop, place, item, 7, **given)
    assert first["movement"] == {
        "kind": "RECEIPT",
        "quantity": 7,
        "reason": None,
        "note": None,
        "reference": "BL-17",
        "warehouse": {"code": "ALG"},
    }
    assert await _receive(shop, place, item, 7, **given) == first
    assert codes(await _receive(shop, place, item, 8, **given)) == ["IDEMPOTENCY_CONFLICT"]
    assert await shop.available(item) == [7]
    returned = await _receive(shop, place, item, 1, isReturn=True)
    assert returned["movement"]["kind"] == "RETURN"
    assert [payload["quantity"] for _, payload in await shop.events("stock.received")] == [7, 1]


async def test_a_delivery_of_500_rows_is_booked_in_a_bounded_number_of_statements(shop: Shop) -> None:
    places = [await shop.warehouse(code) for code in ("ALG", "ORN")]
    items = [variant() for _ in range(250)]
    rows = [
        {"warehouseId": place, "variantId": item, "productId": shop.product_id, "quantity": 3}
        for item in items
        for place in places
    ]
    given = {"idempotencyKey": "k", "rows": rows}
    with recorded_statements(shop.inventory.app.database.engine) as statements:
        payload = await shop.mutate("stockBulkReceive", given, f"movements {{ quantity }} {ERRORS}")
    assert payload == {"movements": [{"quantity": 3}] * 500, "userErrors": []}
    assert len(statements) <= 20, statements
    assert await shop.available(items[0], items[-1]) == [6, 6]
    assert await shop.discrepancies() == []
    too_many = {"idempotencyKey": "l", "rows": [*rows, rows[0]]}
    assert codes(await shop.mutate("stockBulkReceive", too_many, ERRORS)) == ["INVALID_INPUT"]


async def test_every_fault_of_a_delivery_is_told_and_nothing_of_it_is_booked(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    fine = {"warehouseId": place, "variantId": item, "productId": shop.product_id, "quantity": 1}
    rows = [
        fine,
        {**fine, "quantity": 0},
        {**fine, "variantId": "x"},
        {**fine, "productId": "x"},
        {**fine, "productId": str(new_id())},
    ]
    payload = await shop.mutate("stockBulkReceive", {"idempotencyKey": "k", "rows": rows}, ERRORS)
    assert [error["field"] for error in payload["userErrors"]] == [
        ["input", "rows", "1", "quantity"],
        ["input", "rows", "2", "variantId"],
        ["input", "rows", "3", "productId"],
        ["input", "rows", "4", "productId"],
    ]
    rows = [fine, {**fine, "warehouseId": str(new_id())}]
    payload = await shop.mutate("stockBulkReceive", {"idempotencyKey": "k", "rows": rows}, ERRORS)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "rows", "1", "warehouseId"])
    ]
    assert await shop.available(item) == [0]


async def _adjust(shop: Shop, place: str, item: str, **given: Any) -> dict[str, Any]:
    wish = {
        "idempotencyKey": str(new_id()),
        "warehouseId": place,
        "variantId": item,
        "reason": "COUNT",
        **given,
    }
    return await shop.mutate("stockAdjust", wish, MOVEMENT)


async def test_a_count_books_the_difference_and_nothing_when_there_is_none(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 10))
    payload = await _adjust(shop, place, item, counted=8, note="two broken")
    assert (payload["movement"]["quantity"], payload["movement"]["reason"]) == (-2, "COUNT")
    assert await _adjust(shop, place, item, counted=8) == {"movement": None, "userErrors": []}
    payload = await _adjust(shop, place, item, delta=5, reason="FOUND")
    assert payload["movement"]["quantity"] == 5
    assert await shop.available(item) == [13]
    assert [event["quantity"] for _, event in await shop.events("stock.adjusted")] == [-2, 5]


async def test_an_adjustment_does_not_take_what_is_held(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 10))
    await shop.reserve("order-1", (item, 4))
    await shop.reserve("order-2", (item, 4))
    await shop.by_reference("stockCommit", "order-2")
    payload = await _adjust(shop, place, item, counted=7)
    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["input", "counted"], "variantId": item}
    ]
    assert codes(await _adjust(shop, place, item, delta=-3)) == ["INSUFFICIENT_STOCK"]
    assert codes(await _adjust(shop, place, item, delta=-2)) == []
    assert await shop.available(item) == [0]


async def test_an_adjustment_is_a_difference_or_a_count(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 10))
    refused: list[dict[str, int]] = [{}, {"delta": 1, "counted": 1}, {"delta": 0}, {"counted": -1}]
    for given in refused:
        assert codes(await _adjust(shop, place, item, **given)) == ["INVALID_INPUT"], given


async def test_a_variant_new_to_the_stock_is_adjusted_with_its_product(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    assert codes(await _adjust(shop, place, item, counted=3)) == ["NOT_FOUND"]
    assert codes(await _adjust(shop, place, item, counted=3, productId=shop.product_id)) == []
    assert await shop.available(item) == [3]


async def test_low_stock_is_told_once_per_crossing(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 3))
    assert await shop.events("stock.low") == []  # it never was above
    await shop.stock(place, (item, 7))
    await shop.reserve("order-1", (item, 4))
    assert await shop.events("stock.low") == []
    await shop.reserve("order-2", (item, 1))
    await shop.reserve("order-3", (item, 1))
    assert await shop.events("stock.low") == [("stock.low", {"available": 5, "threshold": 5})]
    await shop.by_reference("stockRelease", "order-1")
    await shop.reserve("order-4", (item, 8))
    assert [event["available"] for _, event in await shop.events("stock.low")] == [5, 0]


async def test_the_threshold_decides_what_is_low(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 10))
    given = {"variantId": item, "threshold": 20}
    await shop.mutate("stockThresholdSet", given, f"variant {{ id stockStatus }} {ERRORS}")
    payload = await shop.mutate("stockThresholdSet", given, f"variant {{ id stockStatus }} {ERRORS}")
    assert payload == {"variant": {"id": item, "stockStatus": "LOW_STOCK"}, "userErrors": []}
    assert [event["threshold"] for _, event in await shop.events("stock.low")] == [20]
    unknown = {"variantId": variant(), "threshold": 20}
    assert codes(await shop.mutate("stockThresholdSet", unknown, ERRORS)) == ["NOT_FOUND"]


async def test_a_level_written_by_hand_is_found_by_the_reconciliation(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 10))
    await shop.reserve("order-1", (item, 2))
    assert await shop.discrepancies() == []
    async with shop.inventory.app.database.transaction() as session:
        await session.execute(text("UPDATE stock_levels SET on_hand = 12, reserved = 1"))
    assert await shop.discrepancies() == [
        {"onHand": 12, "onHandByMovements": 10, "reserved": 1, "reservedByLines": 2, "allocated": 0}
    ]
