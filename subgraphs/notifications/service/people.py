"""Learning from identity's events how people are reached and who works where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.message_queries import cancel_waiting_for_user
from subgraphs.notifications.model.people_queries import (
    delete_wishes,
    write_contact,
    write_member,
    write_role,
)


async def learn_contact(
    session: AsyncSession, user_id: UUID, as_of: datetime, *, name: str, email: str, locale: Locale
) -> None:
    """Writes how a user is reached, unless something newer is known."""
    values = {"name": name, "email": email, "locale": locale}
    await write_contact(session, user_id, as_of, values)


async def learn_email(session: AsyncSession, user_id: UUID, as_of: datetime, email: str) -> None:
    """Writes a user's new address, unless something newer is known."""
    await write_contact(session, user_id, as_of, {"email": email})


async def forget_user(session: AsyncSession, user_id: UUID, as_of: datetime) -> None:
    """Forgets who a user was and what they wanted, and calls off what still waits for them.

    The row stays, empty: an event from before would bring the address back otherwise.
    """
    await write_contact(session, user_id, as_of, {"name": None, "email": None, "phone": None})
    await delete_wishes(session, user_id)
    await cancel_waiting_for_user(session, user_id, as_of)


async def learn_member(
    session: AsyncSession, organization_id: UUID, user_id: UUID, role: str | None, as_of: datetime
) -> None:
    """Writes a member's role, None when they left, unless something newer is known."""
    await write_member(session, organization_id, user_id, role, as_of)


async def learn_role(
    session: AsyncSession, organization_id: UUID, name: str, permissions: Sequence[str], as_of: datetime
) -> None:
    """Writes what a role permits, unless something newer is known."""
    await write_role(session, organization_id, name, permissions, as_of)
