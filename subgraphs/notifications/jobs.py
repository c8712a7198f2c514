"""Background work of notifications: sending what is due, and forgetting what is no longer needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from subgraphs.kit.jobs.declaration import Cron, Job, JobContext
from subgraphs.notifications.model.receipt_queries import delete_old_receipts
from subgraphs.notifications.model.slot_queries import delete_past_slots
from subgraphs.notifications.service.account_letters import AccountLetter
from subgraphs.notifications.service.account_letters import send_account_letter as send
from subgraphs.notifications.service.delivery.deliver import DeliveryWorker
from subgraphs.notifications.service.delivery.port import Delivery

RUN_SECONDS_MAX = 8.0
"""A run begins no further batch after that; the next call of the clock goes on."""
RECEIPTS_KEPT = timedelta(days=30)
SLOTS_KEPT = timedelta(days=1)


async def deliver_messages(context: JobContext) -> int:
    """Sends what is due and returns how many messages it took; one run at a time in each process."""
    app = context.app
    delivery = app.port(Delivery)
    if delivery.turn.locked():
        return 0
    async with delivery.turn:
        worker = DeliveryWorker(app.database, app.clock, delivery)
        await worker.close_digests()
        return await worker.run(RUN_SECONDS_MAX)


async def purge_delivery(context: JobContext) -> None:
    """Forgets receipts nobody tells again, and turns long past."""
    app = context.app
    now = app.clock.now()
    async with app.database.transaction() as session:
        await delete_old_receipts(session, now - RECEIPTS_KEPT)
        await delete_past_slots(session, now - SLOTS_KEPT)


async def send_account_letter(context: JobContext, letter: dict[str, Any]) -> None:
    """Sends a letter with the way into an account."""
    app = context.app
    await send(app.settings, app.port(Delivery), TypeAdapter(AccountLetter).validate_python(letter))


JOBS = (
    Job(send_account_letter, attempts_max=10),
    Job(deliver_messages, at=Cron(second=frozenset(range(0, 60, 2))), timeout_s=300.0),
    Job(purge_delivery, at=Cron(minute={23})),
)
