"""What visitors read of stock, and what others than the seller's staff do not."""

from __future__ import annotations

from typing import Any

from subgraphs.kit.ids import new_id
from tests.subgraphs.inventory.shop import ERRORS, Shop, codes, variant
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller, MovableClock

STOCK = "availableQuantity stockStatus"
BOTH = f"... on Product {{ {STOCK} }} ... on ProductVariant {{ {STOCK} }}"


def _representation(shop: Shop, type_name: str, id_: str, **given: Any) -> dict[str, Any]:
    return {"__typename": type_name, "id": id_, "organizationId": str(shop.organization_id), **given}


async def test_a_visitor_reads_how_many_can_be_bought_and_nothing_else(shop: Shop) -> None:
    first, second, product = variant(), variant(), str(new_id())
    algiers, oran = await shop.warehouse("ALG"), await shop.warehouse("ORN")
    await shop.stock(algiers, (first, 10), (second, 2), product=product)
    await shop.stock(oran, (first, 5), product=product)
    await shop.reserve("order-1", (first, 4))
    representations = [
        _representation(shop, "ProductVariant", first),
        _representation(shop, "ProductVariant", second),
        _representation(shop, "Product", product),
    ]
    assert await shop.inventory.entities(representations, BOTH) == [
        {"__typename": "ProductVariant", "availableQuantity": 11, "stockStatus": "IN_STOCK"},
        {"__typename": "ProductVariant", "availableQuantity": 2, "stockStatus": "LOW_STOCK"},
        {"__typename": "Product", "availableQuantity": 13, "stockStatus": "IN_STOCK"},
    ]
    query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {LEVELS} }} }}"
    response = await shop.inventory.execute(query, {"r": representations[:1]})
    assert response["data"] == {"_entities": [{"stockLevels": None}]}
    assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]
    customer = shop.inventory.customer()
    response = await shop.inventory.execute(query, {"r": representations[:1]}, customer)
    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]


LEVELS = "... on ProductVariant { stockLevels { onHand } }"


async def test_what_never_was_in_stock_cannot_be_bought(shop: Shop) -> None:
    representations = [
        _representation(shop, "ProductVariant", variant()),
        _representation(shop, "Product", str(new_id())),
    ]
    for found in await shop.inventory.entities(representations, BOTH):
        assert (found["availableQuantity"], found["stockStatus"]) == (0, "OUT_OF_STOCK")


async def test_a_representation_without_owner_or_with_a_malformed_id_has_no_stock(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 3))
    representations = [
        {"__typename": "ProductVariant", "id": item},
        {"__typename": "ProductVariant", "id": item, "organizationId": "x"},
        {"__typename": "ProductVariant", "id": "x", "organizationId": str(shop.organization_id)},
    ]
    nothing = {"__typename": "ProductVariant", "availableQuantity": None, "stockStatus": None}
    assert await shop.inventory.entities(representations, BOTH) == [nothing, nothing, None]


async def test_a_hundred_products_and_their_variants_cost_two_statements(shop: Shop) -> None:
    items = [variant() for _ in range(200)]
    place = await shop.warehouse("ALG")
    products = [str(new_id()) for _ in range(100)]
    for half, product in enumerate(products[:2]):
        await shop.stock(place, *((item, 3) for item in items[half::2]), product=product)
    await shop.reserve("order-1", (items[0], 1))
    representations = [_representation(shop, "ProductVariant", item) for item in items]
    representations += [_representation(shop, "Product", product) for product in products]
    with recorded_statements(shop.inventory.app.database.engine) as statements:
        found = await shop.inventory.entities(representations, BOTH)
    assert len(statements) == 2, statements
    assert [each["availableQuantity"] for each in found[:3]] == [2, 3, 3]
    assert [each["availableQuantity"] for each in found[200:203]] == [299, 300, 0]


async def test_stock_booked_under_anothers_variant_shows_nowhere(shop: Shop) -> None:
    item, rival = variant(), shop.staff_of(new_id())
    await shop.stock(await shop.warehouse("ALG"), (item, 3))
    place = await shop.warehouse("ALG", rival)
    await shop.stock(place, (item, 1000), caller=rival)
    assert await shop.available(item) == [3]
    assert codes(await shop.reserve("order-1", (item, 4))) == ["INSUFFICIENT_STOCK"]
    found = await shop.inventory.entities([_representation(shop, "ProductVariant", item)], LEVELS, rival)
    assert found == [{"__typename": "ProductVariant", "stockLevels": None}]
    found = await shop.inventory.entities([_representation(shop, "ProductVariant", item)], LEVELS, shop.staff)
    assert found == [{"__typename": "ProductVariant", "stockLevels": [{"onHand": 3}]}]


async def _every_entity(shop: Shop) -> list[dict[str, Any]]:
    item, place, to = variant(), await shop.warehouse("ALG"), await shop.warehouse("ORN")
    given = {"idempotencyKey": "k", "warehouseId": place, "variantId": item, "productId": shop.product_id}
    movement = await shop.mutate("stockReceive", {**given, "quantity": 5}, "movement { id }")
    reservation = await shop.reserve("order-1", (item, 1), caller=shop.staff)
    lines = [{"variantId": item, "quantity": 1}]
    way = {"idempotencyKey": "k", "fromWarehouseId": place, "toWarehouseId": to, "lines": lines}
    transfer = await shop.mutate("stockTransfer", way, "transfer { id }")
    return [
        {"__typename": "Warehouse", "id": place},
        {"__typename": "StockMovement", "id": movement["movement"]["id"]},
        {"__typename": "Reservation", "id": reservation["reservation"]["id"]},
        {"__typename": "StockTransfer", "id": transfer["transfer"]["id"]},
    ]


async def test_no_entity_of_an_organization_is_seen_from_outside_it(shop: Shop) -> None:
    representations = await _every_entity(shop)
    outsiders: list[Caller | None] = [
        None,
        shop.inventory.customer(),
        shop.staff_of(new_id()),
        shop.inventory.user(organization_id=shop.organization_id, permissions=["orders:*"]),
    ]
    for outsider in outsiders:
        assert await shop.inventory.entities(representations, "__typename", outsider) == [None] * 4
    found = await shop.inventory.entities(representations, "__typename", shop.staff)
    assert [each["__typename"] for each in found] == [each["__typename"] for each in representations]


async def test_lists_hold_the_viewers_own_organization_alone(shop: Shop) -> None:
    await _every_entity(shop)
    lists = ["warehouses", "stockLevels", "stockMovements", "reservations", "stockTransfers"]
    query = f"{{ {' '.join(f'{name} {{ totalCount }}' for name in lists)} }}"
    counted = await shop.inventory.data(query, caller=shop.staff)
    assert {name: counted[name]["totalCount"] for name in lists} == {
        "warehouses": 2,
        "stockLevels": 1,
        "stockMovements": 2,
        "reservations": 1,
        "stockTransfers": 1,
    }
    elsewhere = await shop.inventory.data(query, caller=shop.staff_of(new_id()))
    assert [elsewhere[name]["totalCount"] for name in lists] == [0] * 5
    response = await shop.inventory.execute(query)
    assert {error["extensions"]["code"] for error in response["errors"]} == {"UNAUTHENTICATED"}


async def test_nobody_changes_the_stock_of_another_organization(shop: Shop) -> None:
    item, place = variant(), await shop.warehouse("ALG")
    await shop.stock(place, (item, 5))
    await shop.reserve("order-1", (item, 2))
    rival = shop.staff_of(new_id())
    assert codes(await shop.reserve("order-2", (item, 1), caller=rival)) == ["NOT_ALLOWED"]
    assert codes(await shop.by_reference("stockCommit", "order-1", rival)) == ["NOT_FOUND"]
    released = await shop.by_reference("stockRelease", "order-1", rival)
    assert released == {"reservation": None, "userErrors": []}
    given = {"idempotencyKey": "k", "warehouseId": place, "variantId": item, "productId": shop.product_id}
    payload = await shop.mutate("stockReceive", {**given, "quantity": 1}, ERRORS, rival)
    assert codes(payload) == ["NOT_FOUND"]
    other_service = shop.inventory.service("bookings", permissions=["internal"])
    released = await shop.by_reference("stockRelease", "order-1", other_service)
    assert released["reservation"] is None
    assert await shop.available(item) == [3]


async def test_only_services_named_internal_and_staff_reserve(shop: Shop) -> None:
    item = variant()
    query = f"""mutation($input: StockReserveInput!) {{ stockReserve(input: $input) {{ {ERRORS} }} }}"""
    given = {
        "idempotencyKey": "k",
        "reference": "order-1",
        "organizationId": str(shop.organization_id),
        "lines": [{"variantId": item, "quantity": 1}],
    }
    refused: list[tuple[Caller | None, str]] = [
        (None, "UNAUTHENTICATED"),
        (shop.inventory.customer(), "FORBIDDEN"),
        (shop.inventory.service("orders"), "FORBIDDEN"),
        (shop.inventory.user(permissions=["inventory:read"]), "FORBIDDEN"),
        # The permission alone makes no service of a person.
        (shop.inventory.user(permissions=["internal"]), "FORBIDDEN"),
    ]
    for caller, code in refused:
        response = await shop.inventory.execute(query, {"input": given}, caller)
        assert [error["extensions"]["code"] for error in response["errors"]] == [code]


async def test_lists_are_narrowed_sorted_searched_and_paged(shop: Shop, clock: MovableClock) -> None:
    item, other = variant(), variant()
    algiers = await shop.warehouse("ALG", name="Alger Centre", wilaya=16, priority=2)
    await shop.warehouse("ORN", name="Oran Port", wilaya=31, priority=1)
    await shop.stock(algiers, (item, 5), (other, 9))
    await shop.reserve("order-1", (item, 1), expiresInSeconds=60)
    await shop.reserve("order-2", (item, 1))
    await shop.by_reference("stockCommit", "order-2")
    clock.advance(seconds=120)
    query = """query($item: ID!) {
      byPriority: warehouses { nodes { code } }
      found: warehouses(search: "port oran") { nodes { code } }
      west: warehouses(where: {wilaya: {eq: 31}}) { nodes { code } }
      byName: warehouses(first: 1, orderBy: [{field: NAME}]) { nodes { code } pageInfo { hasNextPage } }
      expired: reservations(where: {status: {eq: EXPIRED}}) { nodes { reference status } }
      live: reservations(where: {status: {in: [ACTIVE, COMMITTED]}}) { nodes { reference } }
      levels: stockLevels(orderBy: [{field: ON_HAND, direction: DESC}]) {
        nodes { onHand reserved allocated available } }
      moved: stockMovements(where: {variantId: {eq: $item}, kind: {eq: RECEIPT}}) {
        nodes { quantity variant { id } warehouse { code } } } }"""
    with recorded_statements(shop.inventory.app.database.engine) as statements:
        found = await shop.inventory.data(query, {"item": item}, shop.staff)
    assert len(statements) == 10, statements  # a page each, and one each for `reserved` and `warehouse`
    assert found == {
        "byPriority": {"nodes": [{"code": "ORN"}, {"code": "ALG"}]},
        "found": {"nodes": [{"code": "ORN"}]},
        "west": {"nodes": [{"code": "ORN"}]},
        "byName": {"nodes": [{"code": "ALG"}], "pageInfo": {"hasNextPage": True}},
        "expired": {"nodes": [{"reference": "order-1", "status": "EXPIRED"}]},
        "live": {"nodes": [{"reference": "order-2"}]},
        "levels": {
            "nodes": [
                {"onHand": 9, "reserved": 0, "allocated": 0, "available": 9},
                {"onHand": 5, "reserved": 0, "allocated": 1, "available": 4},
            ]
        },
        "moved": {"nodes": [{"quantity": 5, "variant": {"id": item}, "warehouse": {"code": "ALG"}}]},
    }
