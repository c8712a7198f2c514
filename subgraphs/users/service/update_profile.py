"""Changing what one tells of oneself, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, check_all
from subgraphs.kit.versions import check_version
from subgraphs.users.model.queries import lock_profile
from subgraphs.users.model.tables import ProfileRow
from subgraphs.users.service.telephones import read_phone

LENGTHS_MAX = {"display_name": 100, "bio": 2_000}
PREFERENCES_MAX = 100
PREFERENCE_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """Only what is given changes; None takes a field away. `audiences` are by field name."""

    given: Mapping[str, str | None]
    audiences: Mapping[str, str]
    expected_version: int | None = None


async def update_profile(session: AsyncSession, user_id: UUID, change: ProfileChange) -> ProfileRow:
    """Returns the changed profile."""
    row = await lock_profile(session, user_id)
    check_version(row, change.expected_version)
    values = dict(change.given)
    check_all(*(partial(_check_text, name, values) for name in LENGTHS_MAX), partial(_check_zone, values))
    if (phone := values.get("phone")) is not None:
        values["phone"] = read_phone(phone, ["input", "phone"])
    for name, value in values.items():
        setattr(row, name, value)
    row.audiences = {**row.audiences, **change.audiences}
    await session.flush()
    return row


async def set_preferences(
    session: AsyncSession, user_id: UUID, given: Mapping[str, str | None]
) -> ProfileRow:
    """Returns the profile with these preferences set; None takes one away."""
    row = await lock_profile(session, user_id)
    preferences: dict[str, Any] = {**row.preferences, **given}
    kept = {name: value for name, value in preferences.items() if value is not None}
    too_long = any(max(len(name), len(value)) > PREFERENCE_LENGTH_MAX for name, value in kept.items())
    if len(kept) > PREFERENCES_MAX or too_long:
        raise InvalidInput(f"At most {PREFERENCES_MAX} preferences, none long", field=["input"])
    row.preferences = kept
    await session.flush()
    return row


def _check_text(name: str, values: Mapping[str, str | None]) -> None:
    text = values.get(name)
    if text is not None and not 0 < len(text.strip()) <= LENGTHS_MAX[name]:
        shown = "displayName" if name == "display_name" else name
        raise InvalidInput(f"It has 1 to {LENGTHS_MAX[name]} characters", field=["input", shown])


def _check_zone(values: Mapping[str, str | None]) -> None:
    zone = values.get("time_zone")
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("There is no such time zone", field=["input", "timeZone"]) from error
