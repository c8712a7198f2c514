"""Agreeing to a purpose, or no longer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.users.events import ConsentRecorded
from subgraphs.users.model.queries import lock_profile
from subgraphs.users.model.tables import ConsentRow

_PURPOSE = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
VERSION_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed to, in which wording, from where."""

    purpose: str
    granted: bool
    text_version: str
    client_address: str | None


async def record_consent(session: AsyncSession, user_id: UUID, given: Consent, now: datetime) -> ConsentRow:
    """Returns the new entry of the log; earlier ones stay."""
    if _PURPOSE.fullmatch(given.purpose) is None:
        raise InvalidInput("A purpose is like marketing.email", field=["input", "purpose"])
    if not 0 < len(given.text_version) <= VERSION_LENGTH_MAX:
        raise InvalidInput("Name the wording that was shown", field=["input", "textVersion"])
    await lock_profile(session, user_id)
    row = ConsentRow(
        id=new_id(),
        user_id=user_id,
        purpose=given.purpose,
        granted=given.granted,
        text_version=given.text_version,
        client_address=given.client_address,
        recorded_at=now,
    )
    session.add(row)
    await session.flush()
    told = ConsentRecorded(
        subject=str(user_id), occurred_at=now, purpose=given.purpose, granted=given.granted
    )
    await record_event(session, told)
    return row
