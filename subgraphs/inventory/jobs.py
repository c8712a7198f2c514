"""Inventory's scheduled work.

Nothing depends on it: a lapsed reservation is free by its timestamp. The sweeper writes down what the clock
has said already, so that staff see it, the event goes out and the lists of lapsed holds stay short.
"""

from __future__ import annotations

from subgraphs.inventory.model.reservation_queries import find_lapsed, lock_reservation_by_id
from subgraphs.inventory.service.release_stock import expire_reservation
from subgraphs.kit.jobs.declaration import Cron, Job, JobContext

SWEEP_MAX = 500


async def sweep_reservations(context: JobContext) -> int:
    """Marks lapsed reservations as expired, each in its own transaction; returns how many."""
    app = context.app
    now = app.clock.now()
    async with app.database.transaction() as session:
        lapsed = await find_lapsed(session, now, SWEEP_MAX)
    expired = 0
    for reservation_id in lapsed:
        async with app.database.transaction() as session:
            # Committed, extended or released since it was found: then it is not ours to end.
            row = await lock_reservation_by_id(session, reservation_id)
            expired += row is not None and await expire_reservation(session, row, now)
    return expired


JOBS = (Job(sweep_reservations, at=Cron(), timeout_s=300.0),)
