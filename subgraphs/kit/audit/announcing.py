"""From the audit trail to the outbox: entries become `audit.recorded` events, in the order of their chain.

The relay does it, not the mutation: that holds the chain's lock while it writes, and should not write more.
Entry and note of how far it was told are in the database, so a crash tells nothing twice and loses nothing.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.audit.event import AuditRecorded
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.tables import AuditChainRow, AuditEntryRow

CHAINS_MAX = 50
ENTRIES_MAX = 100


async def announce_entries(session: AsyncSession) -> int:
    """Writes events of entries not told yet and returns how many; other relays take other chains."""
    waiting = (
        select(AuditChainRow.scope, AuditChainRow.announced)
        .where(AuditChainRow.announced < AuditChainRow.sequence)
        .order_by(AuditChainRow.scope)
        .limit(CHAINS_MAX)
        .with_for_update(skip_locked=True)
    )
    announced = 0
    for scope, last in (await session.execute(waiting)).all():
        statement = (
            select(AuditEntryRow)
            .where(AuditEntryRow.scope == scope, AuditEntryRow.sequence > last)
            .order_by(AuditEntryRow.sequence)
            .limit(ENTRIES_MAX)
        )
        rows = (await session.scalars(statement)).all()
        await record_events(session, *(_event_of(row) for row in rows))
        if rows:
            await session.execute(
                update(AuditChainRow)
                .where(AuditChainRow.scope == scope)
                .values(announced=rows[-1].sequence)
                .execution_options(synchronize_session=False)
            )
        announced += len(rows)
    return announced


def _event_of(row: AuditEntryRow) -> AuditRecorded:
    return AuditRecorded(
        subject=str(row.scope),
        occurred_at=row.occurred_at,
        organization_id=row.organization_id,
        entry_id=row.id,
        sequence=row.sequence,
        domain=row.domain,
        operation=row.operation,
        actor_type=row.actor_type,
        actor_id=row.actor_id,
        actor_service=row.actor_service,
        session_id=row.session_id,
        client_address=row.client_address,
        request_id=row.request_id,
        arguments=row.arguments,
        changes=row.changes,
        changes_left_out=row.changes_left_out,
        previous_hash=row.previous_hash.hex(),
        hash=row.hash.hex(),
    )
