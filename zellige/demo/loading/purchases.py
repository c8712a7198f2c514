"""Carts and orders, made by their customers and taken on by the owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zellige.demo.loading.catalogue import Sellable
from zellige.demo.loading.client import DemoClient
from zellige.demo.loading.pace import side_by_side
from zellige.demo.shop import DemoOrder, DemoShop

ORDER = "id status version fulfillments { id status }"
OWN_ORDERS = f"query OwnOrders {{ me {{ orders(first: 100) {{ nodes {{ createdAt {ORDER} }} }} }} }}"
CREATE_CART = """
mutation CreateCart($input: CartCreateInput!) {
  cartCreate(input: $input) { cart { id total { amountMinor currency } } userErrors { code message } }
}
"""
CHECK_OUT = f"""
mutation CheckOut($input: CheckoutInput!) {{
  checkout(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
CANCEL = f"""
mutation Cancel($input: OrderCancelInput!) {{
  orderCancel(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
CONFIRM = f"""
mutation Confirm($input: OrderReferenceInput!) {{
  orderConfirm(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
COMPLETE = f"""
mutation Complete($input: OrderReferenceInput!) {{
  orderComplete(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
PACK = f"""
mutation Pack($input: FulfillmentCreateInput!) {{
  fulfillmentCreate(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
MOVE = f"""
mutation Move($input: FulfillmentMoveInput!) {{
  fulfillmentMove(input: $input) {{ order {{ {ORDER} }} userErrors {{ code message }} }}
}}
"""
NEXT_PARCEL_STATUS = {"PREPARING": "SHIPPED", "SHIPPED": "DELIVERED"}


async def load_purchases(
    owner: DemoClient,
    buyers: Mapping[str, DemoClient],
    shop: DemoShop,
    sellable: Mapping[str, Sellable],
) -> None:
    """Brings every order as far as the shop says; carts come last, so that an unfinished load is told."""
    orders: dict[str, list[DemoOrder]] = {email: [] for email in buyers}
    for order in shop.orders:
        orders[order.customer].append(order)
    await side_by_side(_load_orders_of(owner, buyers[email], own, sellable) for email, own in orders.items())
    for order in shop.orders:
        if order.fate == "cart":
            await _fill_cart(buyers[order.customer], order, sellable)


async def _load_orders_of(
    owner: DemoClient, customer: DemoClient, orders: Sequence[DemoOrder], sellable: Mapping[str, Sellable]
) -> None:
    wanted = [order for order in orders if order.fate != "cart"]
    found = (await customer.ask(OWN_ORDERS))["me"]["orders"]["nodes"]
    # A customer's orders are made one after another: the first ones of the list are those that exist.
    existing = sorted(found, key=lambda node: node["createdAt"])
    for place, order in enumerate(wanted):
        made = existing[place] if place < len(existing) else await _buy(customer, order, sellable)
        await _advance(owner, customer, order, made)


async def _buy(customer: DemoClient, order: DemoOrder, sellable: Mapping[str, Sellable]) -> dict[str, Any]:
    cart = await _fill_cart(customer, order, sellable)
    address = order.address
    given = {
        "cartId": cart["id"],
        "idempotencyKey": order.key,
        "acceptedTotal": cart["total"],
        "address": {
            "recipient": address.name,
            "phone": address.phone,
            "street": address.street,
            "town": address.town,
            "wilayaCode": address.wilaya,
            "postalCode": address.postal_code,
        },
    }
    return (await customer.change(CHECK_OUT, {"input": given}))["order"]


async def _fill_cart(
    customer: DemoClient, order: DemoOrder, sellable: Mapping[str, Sellable]
) -> dict[str, Any]:
    lines = [{"variantId": sellable[sku].variant_id, "quantity": quantity} for sku, quantity in order.lines]
    return (await customer.change(CREATE_CART, {"input": {"lines": lines}}))["cart"]


async def _advance(owner: DemoClient, customer: DemoClient, order: DemoOrder, made: dict[str, Any]) -> None:
    reference = {"orderId": made["id"]}
    if order.fate == "cancelled" and made["status"] == "PLACED":
        given = {**reference, "idempotencyKey": f"{order.key}-cancel", "reason": "Commande en double"}
        await customer.change(CANCEL, {"input": given})
    if order.fate in {"confirmed", "fulfilled"} and made["status"] == "PLACED":
        made = (await owner.change(CONFIRM, {"input": reference}))["order"]
    if order.fate == "fulfilled" and made["status"] == "CONFIRMED":
        await _fulfil(owner, order, made)


async def _fulfil(owner: DemoClient, order: DemoOrder, made: dict[str, Any]) -> None:
    reference = {"orderId": made["id"]}
    if not made["fulfillments"]:
        given = {**reference, "idempotencyKey": f"{order.key}-parcel", "carrier": "Poste"}
        made = (await owner.change(PACK, {"input": given}))["order"]
    for parcel in made["fulfillments"]:
        status = parcel["status"]
        while status in NEXT_PARCEL_STATUS:
            status = NEXT_PARCEL_STATUS[status]
            await owner.change(MOVE, {"input": {"fulfillmentId": parcel["id"], "status": status}})
    await owner.change(COMPLETE, {"input": reference})
