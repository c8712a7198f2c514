"""SQL over profiles, addresses, consents and members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.users.model.tables import AddressRow, ConsentRow, MemberRow, ProfileRow

_UNSYNCHRONIZED = {"synchronize_session": False}
READ_MAX = 1_000


async def lock_profile(session: AsyncSession, user_id: UUID) -> ProfileRow:
    """Returns the person's profile, made if need be and held: changes of one person take turns."""
    await session.execute(insert(ProfileRow).values(user_id=user_id).on_conflict_do_nothing())
    statement = select(ProfileRow).where(ProfileRow.user_id == user_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def profiles_by_users(session: AsyncSession, user_ids: Sequence[UUID]) -> Mapping[UUID, ProfileRow]:
    """Returns the profiles; who may see what of them is not decided here."""
    rows = await session.scalars(select(ProfileRow).where(ProfileRow.user_id.in_(user_ids)))
    return {row.user_id: row for row in rows}


async def members_among(
    session: AsyncSession, organization_id: UUID, user_ids: Sequence[UUID]
) -> frozenset[UUID]:
    """Returns those of the users who belong to the organization."""
    statement = select(MemberRow.user_id).where(
        MemberRow.organization_id == organization_id, MemberRow.user_id.in_(user_ids)
    )
    return frozenset(await session.scalars(statement))


async def remember_member(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Notes that the user belongs to the organization."""
    values = {"organization_id": organization_id, "user_id": user_id}
    await session.execute(insert(MemberRow).values(values).on_conflict_do_nothing())


async def forget_member(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Notes that the user no longer belongs to the organization."""
    await session.execute(
        delete(MemberRow)
        .where(MemberRow.organization_id == organization_id, MemberRow.user_id == user_id)
        .execution_options(**_UNSYNCHRONIZED)
    )


async def addresses_of(session: AsyncSession, user_id: UUID) -> Sequence[AddressRow]:
    """Returns the person's addresses, the oldest first."""
    statement = select(AddressRow).where(AddressRow.user_id == user_id).order_by(AddressRow.id)
    return (await session.scalars(statement)).all()


async def count_addresses(session: AsyncSession, user_id: UUID) -> int:
    """Returns how many addresses the person has."""
    statement = select(func.count()).select_from(AddressRow).where(AddressRow.user_id == user_id)
    return await session.scalar(statement) or 0


async def find_own_address(
    session: AsyncSession, user_id: UUID, address_id: UUID | None
) -> AddressRow | None:
    """Returns the address if it is the person's."""
    statement = select(AddressRow).where(AddressRow.id == address_id, AddressRow.user_id == user_id)
    return (await session.scalars(statement)).one_or_none()


async def clear_defaults(session: AsyncSession, user_id: UUID, *, billing: bool, shipping: bool) -> None:
    """Takes the defaults from whichever addresses have them."""
    for wanted, column in ((billing, "is_default_billing"), (shipping, "is_default_shipping")):
        if wanted:
            await session.execute(
                update(AddressRow)
                .where(AddressRow.user_id == user_id, getattr(AddressRow, column))
                .values({column: False, "version": AddressRow.version + 1})
                .execution_options(synchronize_session="fetch")
            )


async def consents_of(session: AsyncSession, user_id: UUID) -> Sequence[ConsentRow]:
    """Returns the person's log of consents, the newest first."""
    statement = select(ConsentRow).where(ConsentRow.user_id == user_id).order_by(ConsentRow.id.desc())
    return (await session.scalars(statement.limit(READ_MAX))).all()


async def delete_addresses(session: AsyncSession, user_id: UUID) -> None:
    """Deletes the address book."""
    await session.execute(
        delete(AddressRow).where(AddressRow.user_id == user_id).execution_options(**_UNSYNCHRONIZED)
    )


async def blank_consents(session: AsyncSession, user_id: UUID) -> None:
    """Takes from the log where from somebody agreed; that they did stays."""
    values: dict[str, Any] = {"client_address": None}
    await session.execute(
        update(ConsentRow)
        .where(ConsentRow.user_id == user_id)
        .values(values)
        .execution_options(**_UNSYNCHRONIZED)
    )
