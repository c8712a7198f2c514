"""A small shop with something in every corner of the four domains, made through the public graph alone.

Real accounts, a tree of categories, tags, products in three languages, two warehouses, goods under way
between them, orders in several states and a cart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from subgraphs.kit.ids import new_id, read_id
from tests.commerce.shopkeeping import (
    COMPLETE,
    CONFIRM,
    MOVE,
    PACK,
    UPSERT,
    WAREHOUSE,
    Goods,
    Shop,
)
from tests.support.platform import RunningPlatform
from tests.support.subgraph import Caller

PASSWORD = "un-long-mot-de-passe-93"
REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code message } } }"
LOGIN = """
mutation($input: LoginInput!) {
  login(input: $input) { tokens { accessToken } user { id } userErrors { code message } }
}
"""
CATEGORY = """
mutation($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id slug } userErrors { code message } }
}
"""
TAG = """
mutation($input: TagCreateInput!) {
  tagCreate(input: $input) { tag { id } userErrors { code message } }
}
"""
TRANSFER = """
mutation($input: StockTransferInput!) {
  stockTransfer(input: $input) { transfer { id } userErrors { code message } }
}
"""
# Each answers the ids of one kind, which random operations then ask for.
IDS = {
    "product": "{ found: products(first: 50) { nodes { id } } }",
    "category": "{ found: categories { nodes { id } } }",
    "warehouse": "{ found: warehouses { nodes { id } } }",
    "order": "{ found: orders { nodes { id } } }",
}


@dataclass(frozen=True, slots=True)
class PopulatedShop:
    """The shop, who looks at it, and the ids there are, by kind."""

    shop: Shop
    owner: Caller
    customer: Caller
    ids: dict[str, list[str]] = field(default_factory=dict)

    def viewer(self, name: str) -> Caller | None:
        """Returns the named viewer: anonymous, customer or staff."""
        return {"anonymous": None, "customer": self.customer, "staff": self.owner}[name]


async def populate(platform: RunningPlatform) -> PopulatedShop:
    """Fills an empty platform."""
    owner, owner_id = await sign_up(platform, "Amel", organizationName="Dar Zellige")
    customer, customer_id = await sign_up(platform, "Houria")
    membership = "{ me { memberships { organization { id } } } }"
    [member] = (await platform.data(membership, caller=owner))["me"]["memberships"]
    organization = member["organization"]["id"]
    given = {"code": "ORN", "name": "Entrepôt d'Oran", "wilaya": 31}
    oran = (await platform.change(WAREHOUSE, given, owner))["warehouse"]["id"]
    organization_id = read_id(organization)
    assert organization_id is not None, "identity gives ids that can be read"
    shop = Shop(platform, organization_id, owner, oran)
    goods = await stock(shop)
    await trade(shop, customer, goods)
    cart = await shop.fill_cart(customer, (goods[1], 1), (goods[2], 3))
    ids = {kind: await ids_of(platform, query, owner) for kind, query in IDS.items()}
    ids |= {
        "variant": [each.variant_id for each in goods],
        "organization": [organization],
        "user": [owner_id, customer_id],
        "cart": [cart["cart"]["id"]],
    }
    return PopulatedShop(shop, owner, customer, ids)


async def sign_up(platform: RunningPlatform, name: str, **account: Any) -> tuple[Caller, str]:
    """Returns a person registered with identity and logged in, with their id."""
    entry = {"email": f"{name.lower()}@example.dz", "password": PASSWORD}
    await platform.change(REGISTER, {**entry, "name": name, **account})
    entered = await platform.change(LOGIN, entry)
    viewer = platform.customer(read_id(entered["user"]["id"])).viewer
    return Caller(entered["tokens"]["accessToken"], viewer), entered["user"]["id"]


async def stock(shop: Shop) -> list[Goods]:
    """Puts goods into categories and onto shelves; one product stays a draft."""
    platform, owner = shop.platform, shop.staff
    home = await platform.change(CATEGORY, {"name": {"fr": "Maison", "en": "Home", "ar": "منزل"}}, owner)
    parent = home["category"]["id"]
    rugs = await platform.change(CATEGORY, {"name": {"fr": "Tapis"}, "parentId": parent}, owner)
    for name in ("Laine", "Fait main"):
        await platform.change(TAG, {"name": {"fr": name}}, owner)
    goods = await shop.sell(5, price_minor=250_000, on_hand=8)
    goods += await shop.sell(1, price_minor=90_000, on_hand=0)
    await shop.sell(1, on_hand=0, publish=False)
    row = {
        "slug": "tapis-de-ghardaia",
        "name": {"fr": "Tapis de Ghardaïa", "ar": "زربية غرداية"},
        "description": {"fr": "Noué à la main."},
        "category": rugs["category"]["slug"],
        "tags": ["laine", "fait-main"],
        "options": [
            {
                "code": "taille",
                "name": {"fr": "Taille"},
                "values": [{"code": each, "name": {"fr": each.upper()}} for each in ("m", "l")],
            }
        ],
        "variants": [
            {
                "sku": f"GHR-{each.upper()}",
                "price": {"amountMinor": price},
                "options": [{"option": "taille", "value": each}],
            }
            for each, price in (("m", "1200000"), ("l", "1800000"))
        ],
        "publish": True,
    }
    upserted = await platform.change(UPSERT, {"idempotencyKey": "ghardaia", "rows": [row]}, owner)
    [result] = upserted["results"]
    assert result["userErrors"] == [], result
    product = result["product"]
    sized = [Goods(product["id"], each["id"], each["sku"], 0) for each in product["variants"]]
    await shop.receive(sized[:1], 3)
    return goods + sized


async def trade(shop: Shop, customer: Caller, goods: list[Goods]) -> None:
    """Lets the customer buy, cancel and receive, and sends goods to a second warehouse."""
    platform, owner = shop.platform, shop.staff
    delivered = await shop.buy(customer, (goods[0], 2), (goods[1], 1))
    cancelled = await shop.buy(customer, (goods[2], 1))
    await shop.buy(customer, (goods[3], 1))
    await shop.buy(None, (goods[4], 2))
    await shop.cancel(customer, cancelled["id"])
    await platform.change(CONFIRM, {"orderId": delivered["id"]}, owner)
    packed = await platform.change(PACK, {"orderId": delivered["id"], "idempotencyKey": "pack"}, owner)
    for status in ("SHIPPED", "DELIVERED"):
        moved = {"fulfillmentId": packed["fulfillment"]["id"], "status": status}
        await platform.change(MOVE, moved, owner)
    await platform.change(COMPLETE, {"orderId": delivered["id"]}, owner)
    given = {"code": "ALG", "name": "Entrepôt d'Alger", "wilaya": 16}
    alger = (await platform.change(WAREHOUSE, given, owner))["warehouse"]["id"]
    sent = {
        "idempotencyKey": str(new_id()),
        "fromWarehouseId": shop.warehouse_id,
        "toWarehouseId": alger,
        "lines": [{"variantId": goods[3].variant_id, "quantity": 2}],
    }
    await platform.change(TRANSFER, sent, owner)


async def ids_of(platform: RunningPlatform, query: str, caller: Caller) -> list[str]:
    """Returns the ids of a list."""
    return [node["id"] for node in (await platform.data(query, caller=caller))["found"]["nodes"]]
