"""What users say themselves of how they are reached: phone, language, zone. The e-mail is their account's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, check_all
from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.people_queries import write_own_contact
from subgraphs.notifications.model.tables import ContactRow
from subgraphs.notifications.service.preferences.quiet_hours import check_zone

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NATIONAL = re.compile(r"0[1-9][0-9]{7,8}")
_SEPARATORS = str.maketrans("", "", " .-()\N{NO-BREAK SPACE}")
_COUNTRY = "+213"


@dataclass(frozen=True, slots=True)
class ContactChange:
    """All of what a user says of themself; no phone takes it away."""

    phone: str | None
    locale: Locale
    zone: str


async def change_contact(session: AsyncSession, user_id: UUID, change: ContactChange) -> ContactRow:
    """Returns the user's contact as it is now."""
    phone = read_phone(change.phone) if change.phone is not None else None
    check_all(lambda: _check_phone(change.phone, phone), lambda: check_zone(change.zone))
    values = {"phone": phone, "locale": change.locale, "zone": change.zone}
    return await write_own_contact(session, user_id, values)


def read_phone(text: str) -> str | None:
    """Returns the number in E.164, a national one as an Algerian one; None when it is no number."""
    digits = text.strip().translate(_SEPARATORS)
    if _NATIONAL.fullmatch(digits):
        digits = _COUNTRY + digits[1:]
    return digits if _E164.fullmatch(digits) else None


def _check_phone(given: str | None, phone: str | None) -> None:
    if given is not None and phone is None:
        raise InvalidInput("This is no phone number", field=["input", "phone"])
