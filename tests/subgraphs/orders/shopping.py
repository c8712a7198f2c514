"""How the tests of orders go shopping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from subgraphs.kit.ids import new_id
from tests.subgraphs.orders.graph_peer import Goods, GraphPeer
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

CART = "id status version itemCount total { amountMinor currency } lines { id quantity variant { id } }"
ORDER = """
id number status version nextStates authorizeStatus chargeStatus fulfillmentStatus paymentMethod locale
customer { id } organization { id } total { amountMinor currency } subtotal { amountMinor }
lines { id sku quantity fulfilledQuantity unitPrice { amountMinor } total { amountMinor }
        productName { ar fr en } variantName { fr } variant { id } product { id } }
address { recipient phone street town postalCode wilaya { code name { fr } } }
events { type actor note }
fulfillments { id status nextStates trackingNumber version lines { quantity orderLine { sku } } }
"""
ERRORS = "userErrors { code field message variantId }"

CART_CREATE = f"""
mutation($input: CartCreateInput) {{ cartCreate(input: $input) {{ cart {{ {CART} }} secret {ERRORS} }} }}
"""
CHECKOUT = f"""
mutation($input: CheckoutInput!) {{ checkout(input: $input) {{ order {{ {ORDER} }} {ERRORS} }} }}
"""
CANCEL = f"""
mutation($input: OrderCancelInput!) {{ orderCancel(input: $input) {{ order {{ {ORDER} }} {ERRORS} }} }}
"""
ORDER_BY_ID = f"query($id: ID!, $secret: String) {{ order(id: $id, secret: $secret) {{ {ORDER} }} }}"

ADDRESS = {
    "recipient": "Nadia Kaci",
    "phone": "0550 12 34 56",
    "street": "12, rue Didouche Mourad",
    "town": "Alger-Centre",
    "wilayaCode": "16",
    "postalCode": "16000",
}


class Shopping:
    """Orders under test, its neighbours, and what customers do with it."""

    def __init__(self, running: RunningSubgraph, peer: GraphPeer, clock: MovableClock) -> None:
        self.running = running
        self.peer = peer
        self.clock = clock
        self.seller = new_id()

    def goods(self, price_minor: int = 150_000, on_hand: int = 10, **about: Any) -> Goods:
        """Puts a variant of this test's seller on sale."""
        return self.peer.sell(self.seller, price_minor, on_hand, **about)

    def staff(self, *permissions: str) -> Caller:
        """Returns staff of the seller, who read and write orders unless told."""
        granted = permissions or ("orders:read", "orders:write")
        return self.running.user(organization_id=self.seller, permissions=granted)

    async def call(
        self, field: str, input_type: str, given: Mapping[str, Any], caller: Caller | None, selection: str
    ) -> dict[str, Any]:
        """Runs a mutation and returns its payload."""
        query = f"mutation($input: {input_type}!) {{ {field}(input: $input) {{ {selection} {ERRORS} }} }}"
        return (await self.running.data(query, {"input": given}, caller))[field]

    async def fill_cart(self, caller: Caller | None, *lines: tuple[Goods, int]) -> dict[str, Any]:
        """Returns the payload of a new cart with the lines in it."""
        given = {"lines": [{"variantId": str(goods.id), "quantity": count} for goods, count in lines]}
        payload = (await self.running.data(CART_CREATE, {"input": given}, caller))["cartCreate"]
        assert payload["userErrors"] == []
        return payload

    async def check_out(
        self, caller: Caller | None, payload: Mapping[str, Any], **changes: Any
    ) -> dict[str, Any]:
        """Returns the payload of a checkout of the cart at the total it shows."""
        given = self.checkout_input(payload, **changes)
        return (await self.running.data(CHECKOUT, {"input": given}, caller))["checkout"]

    def checkout_input(self, payload: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Returns what a customer sends who agrees with the cart."""
        cart = payload["cart"]
        given = {
            "idempotencyKey": f"checkout-{cart['id']}",
            "cartId": cart["id"],
            "address": ADDRESS,
            "acceptedTotal": {"amountMinor": cart["total"]["amountMinor"]},
            **changes,
        }
        if payload.get("secret") is not None:
            given.setdefault("secret", payload["secret"])
        return given

    async def buy(self, caller: Caller | None, *lines: tuple[Goods, int]) -> dict[str, Any]:
        """Returns the order placed by a new cart with the lines in it."""
        payload = await self.check_out(caller, await self.fill_cart(caller, *lines))
        assert payload["userErrors"] == []
        return payload["order"]

    async def order(self, order_id: str, caller: Caller | None, secret: str | None = None) -> Any:
        """Returns the order as the caller sees it."""
        return (await self.running.data(ORDER_BY_ID, {"id": order_id, "secret": secret}, caller))["order"]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Returns the rows of a statement over the database of orders."""
        async with self.running.app.database.transaction() as session:
            return list((await session.execute(text(statement), values)).all())

    async def states(self) -> list[tuple[str, str]]:
        """Returns status and stock step of every order, the oldest first."""
        return [tuple(row) for row in await self.rows("SELECT status, stock FROM orders ORDER BY id")]

    async def event_types(self, order_id: str | UUID) -> list[str]:
        """Returns the types of the order's events in the outbox, in order."""
        statement = "SELECT type FROM outbox_events WHERE subject = :id ORDER BY sequence"
        return [row[0] for row in await self.rows(statement, id=str(order_id))]
