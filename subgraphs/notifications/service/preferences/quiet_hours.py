"""Setting the hours in which a user does not want to be disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, check_all
from subgraphs.notifications.model.preference_queries import delete_quiet_hours, write_quiet_hours
from subgraphs.notifications.model.tables import QuietHoursRow

ZONE_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when to when, by the clocks of a zone; `08:00` after `22:00` is the next morning."""

    starts_at: time
    ends_at: time
    zone: str


async def set_quiet_hours(session: AsyncSession, user_id: UUID, wanted: QuietHours) -> QuietHoursRow:
    """Returns the user's quiet hours as they are now."""
    starts_at, ends_at = _to_the_minute(wanted.starts_at), _to_the_minute(wanted.ends_at)
    check_all(lambda: _check_span(starts_at, ends_at), lambda: check_zone(wanted.zone))
    return await write_quiet_hours(session, user_id, starts_at, ends_at, wanted.zone)


async def clear_quiet_hours(session: AsyncSession, user_id: UUID) -> None:
    """Takes the user's quiet hours away."""
    await delete_quiet_hours(session, user_id)


def check_zone(zone: str) -> None:
    """Raises InvalidInput unless it is the name of a time zone."""
    if not _is_zone(zone):
        raise InvalidInput(
            "There is no such time zone; they are called like `Africa/Algiers`", field=["input", "zone"]
        )


def _is_zone(zone: str) -> bool:
    if not 0 < len(zone) <= ZONE_LENGTH_MAX:
        return False
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _to_the_minute(moment: time) -> time:
    return moment.replace(second=0, microsecond=0, tzinfo=None)


def _check_span(starts_at: time, ends_at: time) -> None:
    if starts_at == ends_at:
        raise InvalidInput("Quiet hours begin and end at different times", field=["input", "endsAt"])
