"""SQL over digests: joining the window that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.tables import DigestRow
from subgraphs.notifications.states import Channel, DigestState

WINDOWS_TRIED_MAX = 3


async def join_digests(
    session: AsyncSession,
    user_ids: Sequence[UUID],
    channel: Channel,
    digest_key: str,
    window: tuple[datetime, timedelta],
    organization_id: UUID | None,
) -> Mapping[UUID, tuple[UUID, datetime]]:
    """Returns for each user the open digest and when it ends; held, so that nobody closes it meanwhile.

    `window` is when the first one starts and how long each is; one that was closed early is followed by the
    next.
    """
    starts_at, length = window
    joined: dict[UUID, tuple[UUID, datetime]] = {}
    for _ in range(WINDOWS_TRIED_MAX):
        missing = sorted((each for each in user_ids if each not in joined), key=lambda each: each.bytes)
        if not missing:
            return joined
        rows = [
            {
                "id": new_id(),
                "user_id": each,
                "organization_id": organization_id,
                "channel": channel,
                "digest_key": digest_key,
                "window_starts_at": starts_at,
                "window_ends_at": starts_at + length,
                "state": DigestState.OPEN,
            }
            for each in missing
        ]
        for id_, user_id, ends_at, state in await _upsert(session, rows):
            if state is DigestState.OPEN:
                joined[user_id] = (id_, ends_at)
        starts_at += length
    assert all(each in joined for each in user_ids), "no digest is closed before its window has begun"
    return joined


async def _upsert(
    session: AsyncSession, rows: Sequence[Mapping[str, object]]
) -> Sequence[tuple[UUID, UUID, datetime, DigestState]]:
    statement = insert(DigestRow).values([dict(row) for row in rows])
    # An update that changes nothing: it locks the row and lets it be returned.
    statement = statement.on_conflict_do_update(
        index_elements=[
            DigestRow.user_id,
            DigestRow.channel,
            DigestRow.digest_key,
            DigestRow.window_starts_at,
        ],
        set_={"digest_key": statement.excluded.digest_key},
    ).returning(DigestRow.id, DigestRow.user_id, DigestRow.window_ends_at, DigestRow.state)
    return [tuple(row) for row in await session.execute(statement)]  # pyright: ignore[reportReturnType]  # four columns
