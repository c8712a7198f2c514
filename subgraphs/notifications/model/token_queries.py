"""SQL over push tokens that no longer reach anybody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.tables import DeviceRow


async def delete_tokens(session: AsyncSession, user_id: UUID, tokens: Sequence[str]) -> None:
    """Forgets the user's devices of these tokens; one that was registered to somebody else stays theirs."""
    if tokens:
        statement = delete(DeviceRow).where(DeviceRow.user_id == user_id, DeviceRow.token.in_(tokens))
        await session.execute(statement.execution_options(synchronize_session=False))
