"""SQL over contacts, devices and who works where, as other domains' events told it.

Events may come late or again, so each row says as of when it holds, and what happened before changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.tables import (
    ContactRow,
    DeviceRow,
    MemberRoleRow,
    MemberRow,
    PreferenceRow,
    QuietHoursRow,
)

NOTHING_KNOWN = datetime.min.replace(year=1970, tzinfo=UTC)
"""Before anything any event tells."""
_UNTOLD = {"locale": Locale.FR, "zone": "Africa/Algiers"}


async def contacts_by_users(session: AsyncSession, user_ids: Sequence[UUID]) -> Mapping[UUID, ContactRow]:
    """Returns how each user is reached, as far as it is known."""
    statement = select(ContactRow).where(ContactRow.user_id.in_(user_ids))
    return {row.user_id: row for row in await session.scalars(statement)}


async def write_contact(
    session: AsyncSession, user_id: UUID, as_of: datetime, values: Mapping[str, Any]
) -> None:
    """Writes what an event told of a user, over what is older; what it does not tell of stays."""
    statement = insert(ContactRow).values(**{**_UNTOLD, **values}, user_id=user_id, as_of=as_of)
    changed = {name: getattr(statement.excluded, name) for name in ("as_of", *values)}
    statement = statement.on_conflict_do_update(
        index_elements=[ContactRow.user_id],
        set_={**changed, "updated_at": func.now()},
        where=ContactRow.as_of < statement.excluded.as_of,
    )
    await session.execute(statement)


async def delete_wishes(session: AsyncSession, user_id: UUID) -> None:
    """Forgets a user's devices, preferences and quiet hours."""
    for table in (DeviceRow, PreferenceRow, QuietHoursRow):
        await session.execute(
            delete(table).where(table.user_id == user_id).execution_options(synchronize_session=False)
        )


async def write_own_contact(session: AsyncSession, user_id: UUID, values: Mapping[str, Any]) -> ContactRow:
    """Returns the contact with what its user said; what events tell later still comes over it."""
    statement = insert(ContactRow).values(user_id=user_id, as_of=NOTHING_KNOWN, **values)
    changed = {name: getattr(statement.excluded, name) for name in values}
    statement = statement.on_conflict_do_update(
        index_elements=[ContactRow.user_id], set_={**changed, "updated_at": func.now()}
    ).returning(ContactRow)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def write_member(
    session: AsyncSession, organization_id: UUID, user_id: UUID, role: str | None, as_of: datetime
) -> None:
    """Writes which role somebody has in an organization, None when they left, over what is older."""
    statement = insert(MemberRow).values(
        organization_id=organization_id, user_id=user_id, role=role, as_of=as_of
    )
    statement = statement.on_conflict_do_update(
        index_elements=[MemberRow.organization_id, MemberRow.user_id],
        set_={"role": statement.excluded.role, "as_of": statement.excluded.as_of},
        where=MemberRow.as_of <= statement.excluded.as_of,
    )
    await session.execute(statement)


async def write_role(
    session: AsyncSession, organization_id: UUID, name: str, permissions: Sequence[str], as_of: datetime
) -> None:
    """Writes what a role permits, over what is older."""
    statement = insert(MemberRoleRow).values(
        organization_id=organization_id, name=name, permissions=list(permissions), as_of=as_of
    )
    statement = statement.on_conflict_do_update(
        index_elements=[MemberRoleRow.organization_id, MemberRoleRow.name],
        set_={"permissions": statement.excluded.permissions, "as_of": statement.excluded.as_of},
        where=MemberRoleRow.as_of <= statement.excluded.as_of,
    )
    await session.execute(statement)


async def members_with_any(
    session: AsyncSession, organization_id: UUID, permissions: Sequence[str], limit: int
) -> Sequence[UUID]:
    """Returns the members whose role holds one of the permissions, the lowest ids first."""
    statement = (
        select(MemberRow.user_id)
        .join(
            MemberRoleRow,
            (MemberRoleRow.organization_id == MemberRow.organization_id)
            & (MemberRoleRow.name == MemberRow.role),
        )
        .where(
            MemberRow.organization_id == organization_id,
            MemberRoleRow.permissions.op("&&")(cast(list(permissions), ARRAY(Text()))),
        )
        .order_by(MemberRow.user_id)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def write_device(session: AsyncSession, values: Mapping[str, Any]) -> DeviceRow:
    """Returns the device of the token, which from now on is this user's alone."""
    statement = insert(DeviceRow).values(values)
    changed = {
        name: getattr(statement.excluded, name) for name in ("user_id", "platform", "name", "registered_at")
    }
    statement = statement.on_conflict_do_update(
        index_elements=[DeviceRow.token], set_={**changed, "updated_at": func.now()}
    ).returning(DeviceRow)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def delete_oldest_devices(session: AsyncSession, user_id: UUID, kept: int) -> None:
    """Keeps the devices registered last and forgets the user's others."""
    oldest = (
        select(DeviceRow.id)
        .where(DeviceRow.user_id == user_id)
        .order_by(DeviceRow.registered_at.desc(), DeviceRow.id.desc())
        .offset(kept)
    )
    await session.execute(
        delete(DeviceRow).where(DeviceRow.id.in_(oldest)).execution_options(synchronize_session=False)
    )


async def delete_device(session: AsyncSession, user_id: UUID, device_id: UUID) -> bool:
    """Returns whether the user had such a device; it is gone."""
    statement = delete(DeviceRow).where(DeviceRow.id == device_id, DeviceRow.user_id == user_id)
    return (await session.execute(statement.returning(DeviceRow.id))).one_or_none() is not None


async def devices_by_users(
    session: AsyncSession, user_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[DeviceRow]]:
    """Returns the devices of each user, the newest first."""
    statement = (
        select(DeviceRow)
        .where(DeviceRow.user_id.in_(user_ids))
        .order_by(DeviceRow.registered_at.desc(), DeviceRow.id.desc())
    )
    found: dict[UUID, list[DeviceRow]] = {}
    for row in await session.scalars(statement):
        found.setdefault(row.user_id, []).append(row)
    return found
