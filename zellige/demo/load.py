"""Loading the demo shop, step by step, once."""

from __future__ import annotations

from collections.abc import Callable

from router.server.executes import Executes
from zellige.demo.generate import generate_shop
from zellige.demo.loading.accounts import log_in_owner, open_customer_accounts, open_team_accounts
from zellige.demo.loading.client import DemoClient, DemoRefusedError
from zellige.errors import CommandFailed


async def load_demo_shop(router: Executes, tell: Callable[[str], None]) -> None:
    """Brings the shop to the state of the generator; does nothing that is done already."""
    shop = generate_shop()
    nobody = DemoClient(router)
    try:
        tell("Loading the demo shop")
        owner = await log_in_owner(nobody, shop) or await open_team_accounts(nobody, shop)
        buyers = {order.customer for order in shop.orders}
        await open_customer_accounts(nobody, shop.customers, buyers)
    except DemoRefusedError as refused:
        raise CommandFailed(f"The demo shop could not be loaded: {refused}") from refused
