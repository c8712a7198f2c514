"""What keeps outboxes, inboxes and logs from growing for ever, and says when something stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.events.bus import BusUnavailableError, EventBus
from subgraphs.kit.events.outbox_queries import (
    delete_handled_before,
    delete_published_before,
    outbox_state,
)
from subgraphs.kit.supervision import pause

ROUND_S = 30.0
BATCH_MAX = 2_000
BATCHES_MAX = 50
STUCK_S = 60.0

Delete = Callable[[AsyncSession, datetime, int], Awaitable[int]]
log = structlog.get_logger(__name__)


class Upkeep:
    """Looks after the outboxes and inboxes of these domains and the logs of the bus; several may."""

    def __init__(self, apps: Sequence[SubgraphApp], bus: EventBus) -> None:
        self._apps = apps
        self._bus = bus

    async def run(self, stop: asyncio.Event) -> None:
        """Goes round until told to stop."""
        while not stop.is_set():
            await self.go_round()
            await pause(stop, ROUND_S)

    async def go_round(self) -> None:
        """Deletes what is past its time and says what stands still; an engine that is away waits its turn."""
        for app in self._apps:
            try:
                await self._look_after(app)
            except (SQLAlchemyError, OSError) as error:
                log.warning("upkeep_waits", domain=app.name, reason=str(error))
        try:
            await self._bus.trim()
        except BusUnavailableError as error:
            log.warning("upkeep_waits", reason=str(error))

    async def _look_after(self, app: SubgraphApp) -> None:
        now, settings = app.clock.now(), app.settings
        async with app.database.transaction() as session:
            state = await outbox_state(session)
        age_s = (now - state.oldest_at).total_seconds() if state.oldest_at else 0.0
        if age_s > STUCK_S or state.poisoned:
            log.error(
                "outbox_stuck",
                domain=app.name,
                waiting=state.waiting,
                oldest_s=round(age_s),
                retrying=state.retrying,
                poisoned=state.poisoned,
            )
        published_before = now - timedelta(days=settings.outbox_retention_days)
        await _delete_all(app, delete_published_before, published_before)
        handled_before = now - timedelta(days=settings.inbox_retention_days)
        await _delete_all(app, delete_handled_before, handled_before)


async def _delete_all(app: SubgraphApp, delete: Delete, moment: datetime) -> None:
    """Deletes in short transactions, so that nobody waits long for a lock."""
    for _ in range(BATCHES_MAX):
        async with app.database.transaction() as session:
            if await delete(session, moment, BATCH_MAX) < BATCH_MAX:
                return
