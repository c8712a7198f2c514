"""Background work of orders: repairing half-done checkouts and clearing away expired carts.

Both are idempotent and may run in several workers at once.
"""

from __future__ import annotations

import structlog

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.jobs.declaration import Cron, Job, JobContext
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


async def reconcile_checkouts(context: JobContext) -> None:
    """Runs the repair."""
    await run_reconciliation(context.app)


async def purge_carts(context: JobContext) -> None:
    """Runs the purge."""
    await run_cart_purge(context.app)


JOBS = (
    Job(reconcile_checkouts, at=Cron(second={0, 30}), timeout_s=300.0),
    Job(purge_carts, at=Cron(minute={7})),
)
