"""A shop on the whole platform, kept and visited through the public graph alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from subgraphs.kit.ids import new_id
from tests.support.platform import RunningPlatform
from tests.support.subgraph import Caller

STAFF = ("inventory:*", "orders:*", "products:*", "users:read")

UPSERT = """
mutation($input: ProductBulkUpsertInput!) {
  productBulkUpsert(input: $input) {
    results { userErrors { code message field } product { id variants { id sku } } }
    userErrors { code message }
  }
}
"""
SET_PRICE = """
mutation($input: ProductVariantUpsertInput!) {
  productVariantUpsert(input: $input) { variant { id } userErrors { code message } }
}
"""
WAREHOUSE = """
mutation($input: WarehouseCreateInput!) {
  warehouseCreate(input: $input) { warehouse { id } userErrors { code message } }
}
"""
RECEIVE = """
mutation($input: StockBulkReceiveInput!) {
  stockBulkReceive(input: $input) { movements { id } userErrors { code message } }
}
"""
CART = """
mutation($input: CartCreateInput!) {
  cartCreate(input: $input) {
    cart { id total { amountMinor currency } } secret userErrors { code message variantId }
  }
}
"""
CHECKOUT = """
mutation($input: CheckoutInput!) {
  checkout(input: $input) {
    order { id number status total { amountMinor } } userErrors { code message variantId field }
  }
}
"""
CANCEL = """
mutation($input: OrderCancelInput!) {
  orderCancel(input: $input) { order { id status } userErrors { code message } }
}
"""
CONFIRM = """
mutation($input: OrderReferenceInput!) {
  orderConfirm(input: $input) { order { status } userErrors { code message } }
}
"""
PACK = """
mutation($input: FulfillmentCreateInput!) {
  fulfillmentCreate(input: $input) { fulfillment { id } userErrors { code message } }
}
"""
MOVE = """
mutation($input: FulfillmentMoveInput!) {
  fulfillmentMove(input: $input) { fulfillment { status } userErrors { code message } }
}
"""
COMPLETE = """
mutation($input: OrderReferenceInput!) {
  orderComplete(input: $input) { order { status } userErrors { code message } }
}
"""
ADDRESS = {
    "recipient": "Amel Ferhat",
    "phone": "+213661234567",
    "street": "4, rue Ben Badis",
    "town": "Oran",
    "wilayaCode": "31",
}


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant on sale."""

    product_id: str
    variant_id: str
    sku: str
    price_minor: int


@dataclass
class Shop:
    """A seller with a warehouse, and what its customers do."""

    platform: RunningPlatform
    organization_id: UUID
    staff: Caller
    warehouse_id: str

    async def sell(
        self, count: int, *, price_minor: int = 250_000, on_hand: int = 10, publish: bool = True
    ) -> list[Goods]:
        """Puts products of one variant each on sale, with stock."""
        marks = [new_id().hex[-12:] for _ in range(count)]
        rows = [
            {
                "slug": f"tapis-{mark}",
                "name": {"ar": "زربية", "fr": f"Tapis {mark}", "en": f"Rug {mark}"},
                "variants": [{"sku": f"RUG-{mark}", "price": {"amountMinor": str(price_minor)}}],
                "publish": publish,
            }
            for mark in marks
        ]
        given = {"idempotencyKey": f"sell-{marks[0]}", "rows": rows}
        results = (await self.platform.change(UPSERT, given, self.staff))["results"]
        goods = []
        for result in results:
            assert result["userErrors"] == [], result
            [variant] = result["product"]["variants"]
            goods.append(Goods(result["product"]["id"], variant["id"], variant["sku"], price_minor))
        if on_hand:
            await self.receive(goods, on_hand)
        return goods

    async def receive(self, goods: Sequence[Goods], quantity: int) -> None:
        """Takes goods into the warehouse."""
        rows = [
            {
                "warehouseId": self.warehouse_id,
                "variantId": each.variant_id,
                "productId": each.product_id,
                "quantity": quantity,
            }
            for each in goods
        ]
        await self.platform.change(RECEIVE, {"idempotencyKey": str(new_id()), "rows": rows}, self.staff)

    async def set_price(self, goods: Goods, price_minor: int) -> None:
        """Changes what a variant costs."""
        price = {"amountMinor": str(price_minor)}
        given = {"productId": goods.product_id, "sku": goods.sku, "price": price}
        await self.platform.change(SET_PRICE, given, self.staff)

    async def fill_cart(self, customer: Caller | None, *lines: tuple[Goods, int]) -> dict[str, Any]:
        """Returns the payload of a new cart."""
        wanted = [{"variantId": goods.variant_id, "quantity": count} for goods, count in lines]
        return await self.platform.change(CART, {"lines": wanted}, customer)

    def checkout_input(self, cart: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Returns what a customer sends who agrees with the cart."""
        given = {
            "idempotencyKey": f"buy-{cart['cart']['id']}",
            "cartId": cart["cart"]["id"],
            "secret": cart["secret"],
            "address": ADDRESS,
            "acceptedTotal": cart["cart"]["total"],
        }
        return {**given, **changes}

    async def check_out(
        self, customer: Caller | None, cart: Mapping[str, Any], **changes: Any
    ) -> dict[str, Any]:
        """Returns the payload of a checkout."""
        given = self.checkout_input(cart, **changes)
        return (await self.platform.data(CHECKOUT, {"input": given}, customer))["checkout"]

    async def buy(self, customer: Caller | None, *lines: tuple[Goods, int]) -> dict[str, Any]:
        """Returns the order that a new cart became."""
        payload = await self.check_out(customer, await self.fill_cart(customer, *lines))
        assert payload["userErrors"] == [], payload
        return payload["order"]

    async def cancel(self, caller: Caller | None, order_id: str, key: str = "cancel") -> dict[str, Any]:
        """Returns the payload of a cancel."""
        given = {"orderId": order_id, "idempotencyKey": key}
        return (await self.platform.data(CANCEL, {"input": given}, caller))["orderCancel"]

    async def available(self, goods: Goods) -> int:
        """Returns what anybody sees to be available of the variant."""
        query = "query($ids: [ID!]!) { variants(ids: $ids) { availableQuantity } }"
        return (await self.platform.data(query, {"ids": [goods.variant_id]}))["variants"][0][
            "availableQuantity"
        ]

    async def rows(self, domain: str, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Returns the rows of a statement over a domain's database."""
        async with self.platform.app(domain).database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(statement), values)).all()]

    async def orders(self) -> list[tuple[str, str]]:
        """Returns status and stock step of every order, sorted."""
        return sorted(await self.rows("orders", "SELECT status, stock FROM orders"))

    async def reservations(self) -> list[str]:
        """Returns the status of every reservation, sorted."""
        return sorted(row[0] for row in await self.rows("inventory", "SELECT status FROM reservations"))

    async def held(self) -> tuple[int, int]:
        """Returns how many pieces the warehouse's levels hold reserved and allocated."""
        [sums] = await self.rows(
            "inventory", "SELECT coalesce(sum(reserved), 0), coalesce(sum(allocated), 0) FROM stock_levels"
        )
        return int(sums[0]), int(sums[1])


async def open_shop(platform: RunningPlatform) -> Shop:
    """Returns a new seller with staff and a warehouse."""
    organization_id = new_id()
    staff = platform.user(organization_id=organization_id, permissions=STAFF)
    given = {"code": "ORN", "name": "Entrepôt d'Oran", "wilaya": 31}
    warehouse = (await platform.change(WAREHOUSE, given, staff))["warehouse"]
    return Shop(platform, organization_id, staff, warehouse["id"])
