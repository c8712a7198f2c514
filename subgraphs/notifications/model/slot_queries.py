"""SQL over the turns of users, organizations and channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.delivery_tables import SendSlotRow


async def lock_slots(session: AsyncSession, scopes: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Returns up to when the turns of each scope are given away, held until the transaction ends."""
    # Sorted, so that two workers wait for each other in one order.
    wanted = sorted(set(scopes))
    rows = [{"scope": scope, "next_at": now} for scope in wanted]
    await session.execute(insert(SendSlotRow).values(rows).on_conflict_do_nothing())
    statement = (
        select(SendSlotRow.scope, SendSlotRow.next_at)
        .where(SendSlotRow.scope.in_(wanted))
        .order_by(SendSlotRow.scope)
        .with_for_update()
    )
    return {row.scope: row.next_at for row in await session.execute(statement)}


async def write_slots(session: AsyncSession, slots: Mapping[str, datetime]) -> None:
    """Writes them back."""
    rows = [{"scope": scope, "next_at": next_at} for scope, next_at in sorted(slots.items())]
    await session.execute(update(SendSlotRow), rows)


async def delete_past_slots(session: AsyncSession, before: datetime) -> int:
    """Forgets scopes nobody is waiting in; they begin anew."""
    statement = delete(SendSlotRow).where(SendSlotRow.next_at < before).returning(SendSlotRow.scope)
    return len((await session.execute(statement.execution_options(synchronize_session=False))).all())
