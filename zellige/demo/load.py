"""Loading the demo shop, step by step, once."""

from __future__ import annotations

from collections.abc import Callable

from router.pipeline.executes import Executes
from zellige.demo.generate import generate_shop
from zellige.demo.loading.accounts import log_in_owner, open_customer_accounts, open_team_accounts
from zellige.demo.loading.catalogue import load_catalogue
from zellige.demo.loading.client import DemoClient, DemoRefusedError
from zellige.demo.loading.purchases import load_purchases
from zellige.demo.loading.stock import load_stock
from zellige.demo.shop import DemoShop
from zellige.errors import CommandFailed

OWN_ORGANIZATION = "query OwnOrganization { me { memberships { organization { id } } } }"
HOW_MUCH = """
query HowMuch($mine: ProductWhere!) {
  products(where: $mine, first: 1) { totalCount }
  orders(first: 1) { totalCount }
  placed: orders(first: 1, where: { status: { eq: PLACED } }) { totalCount }
}
"""
Tell = Callable[[str], None]


async def load_demo_shop(router: Executes, tell: Tell) -> None:
    """Brings the shop to the state of the generator; does nothing when it was loaded before."""
    try:
        await _load(DemoClient(router), generate_shop(), tell)
    except DemoRefusedError as refused:
        raise CommandFailed(f"The demo shop could not be loaded: {refused}") from refused


async def _load(nobody: DemoClient, shop: DemoShop, tell: Tell) -> None:
    owner = await log_in_owner(nobody, shop)
    if owner is not None and await _was_loaded(owner, shop):
        return
    tell("Loading the demo shop: people")
    owner = owner or await open_team_accounts(nobody, shop)
    buyers = await open_customer_accounts(nobody, shop.customers, {order.customer for order in shop.orders})
    tell("Loading the demo shop: catalogue")
    sellable = await load_catalogue(owner, await _organization_id(owner), shop)
    tell("Loading the demo shop: stock")
    await load_stock(owner, shop, sellable)
    tell("Loading the demo shop: orders")
    await load_purchases(owner, buyers, shop, sellable)


async def _was_loaded(owner: DemoClient, shop: DemoShop) -> bool:
    """Orders are advanced last: when none is placed that should have gone on, everything is there.

    A developer may have added to the shop, or taken orders on, since; that is no reason to load it again.
    """
    mine = {"organizationId": {"eq": await _organization_id(owner)}}
    found = await owner.ask(HOW_MUCH, {"mine": mine})
    fates = [order.fate for order in shop.orders if order.fate != "cart"]
    added = found["orders"]["totalCount"] - len(fates)
    return (
        found["products"]["totalCount"] >= len(shop.products)
        and added >= 0
        and found["placed"]["totalCount"] <= fates.count("placed") + added
    )


async def _organization_id(owner: DemoClient) -> str:
    (membership, *_) = (await owner.ask(OWN_ORGANIZATION))["me"]["memberships"]
    return membership["organization"]["id"]
