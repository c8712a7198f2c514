"""Background work of orders: repairing half-done checkouts and clearing away expired carts.

Both are idempotent and may run in several workers at once.
"""

from __future__ import annotations

from typing import Any

import structlog
from arq import cron

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.router_client import RouterClient
from subgraphs.orders.model.cart_queries import delete_expired_carts
from subgraphs.orders.service.reconcile_checkouts import Reconciled
from subgraphs.orders.service.reconcile_checkouts import reconcile_checkouts as reconcile
from subgraphs.orders.service.saga import Saga

CARTS_MAX = 500

log = structlog.get_logger(__name__)


async def run_reconciliation(app: SubgraphApp) -> Reconciled:
    """Runs the repair once, over the app's database and its way to the router."""
    saga = Saga.of(app.database, app.clock, app.settings, app.port(RouterClient))
    done = await reconcile(saga)
    if done != Reconciled():
        log.info("checkouts_reconciled", done=done)
    return done


async def run_cart_purge(app: SubgraphApp) -> int:
    """Deletes a batch of carts nobody came back to, and returns how many."""
    async with app.database.transaction() as session:
        return await delete_expired_carts(session, app.clock.now(), CARTS_MAX)


async def reconcile_checkouts(ctx: dict[Any, Any]) -> None:
    """Runs the repair for arq, whose context holds the app."""
    await run_reconciliation(ctx["app"])


async def purge_carts(ctx: dict[Any, Any]) -> None:
    """Runs the purge for arq."""
    await run_cart_purge(ctx["app"])


FUNCTIONS = (reconcile_checkouts, purge_carts)
CRON_JOBS = (
    cron(reconcile_checkouts, second={0, 30}),
    cron(purge_carts, minute={7}, second=0),
)
