"""SQL over clients, consents, codes, grants, refresh tokens and devices of the OAuth provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_tables import (
    OauthClientRow,
    OauthCodeRow,
    OauthConsentRow,
    OauthDeviceRow,
    OauthGrantRow,
    OauthLoginRow,
    OauthRefreshTokenRow,
)
from subgraphs.identity.model.tables import MembershipRow, OrganizationRow, SessionRow, UserRow

_FRESH = {"populate_existing": True}
_UNSYNCHRONIZED = {"synchronize_session": False}


async def find_client(session: AsyncSession, client_id: UUID | None) -> OauthClientRow | None:
    """Returns the client unless it is disabled."""
    row = await session.get(OauthClientRow, client_id) if client_id is not None else None
    return row if row is not None and row.disabled_at is None else None


def clients_of_organization(organization_id: UUID | None) -> Select[OauthClientRow]:
    """Returns the statement of an organization's clients."""
    return select(OauthClientRow).where(OauthClientRow.organization_id == organization_id)


async def lock_own_client(
    session: AsyncSession, organization_id: UUID | None, client_id: UUID | None
) -> OauthClientRow | None:
    """Returns the organization's client, held until the transaction ends."""
    statement = clients_of_organization(organization_id).where(OauthClientRow.id == client_id)
    return (await session.scalars(statement.with_for_update().execution_options(**_FRESH))).one_or_none()


async def find_login(session: AsyncSession, token_hash: bytes, now: datetime) -> OauthLoginRow | None:
    """Returns the browser's log-in while it and the session under it last."""
    statement = (
        select(OauthLoginRow)
        .join(SessionRow, SessionRow.id == OauthLoginRow.session_id)
        .where(
            OauthLoginRow.token_hash == token_hash,
            OauthLoginRow.expires_at > now,
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > now,
        )
    )
    return (await session.scalars(statement)).one_or_none()


async def count_wrong_code(session: AsyncSession, login_id: UUID) -> int:
    """Returns how many wrong device codes were typed in this browser, this one counted."""
    statement = (
        update(OauthLoginRow)
        .where(OauthLoginRow.id == login_id)
        .values(wrong_codes=OauthLoginRow.wrong_codes + 1)
        .returning(OauthLoginRow.wrong_codes)
        .execution_options(**_UNSYNCHRONIZED)
    )
    return (await session.execute(statement)).scalar_one()


async def end_login(session: AsyncSession, login_id: UUID, now: datetime) -> None:
    """Ends a browser's log-in."""
    statement = update(OauthLoginRow).where(OauthLoginRow.id == login_id).values(expires_at=now)
    await session.execute(statement.execution_options(**_UNSYNCHRONIZED))


async def find_consent(session: AsyncSession, user_id: UUID, client_id: UUID) -> OauthConsentRow | None:
    """Returns what the user lets the client do."""
    return await session.get(OauthConsentRow, (user_id, client_id))


async def put_consent(session: AsyncSession, row: OauthConsentRow) -> None:
    """Writes the consent in place of an earlier one."""
    changed = {
        "organization_id": row.organization_id,
        "scopes": row.scopes,
        "granted_at": row.granted_at,
    }
    values = {"user_id": row.user_id, "client_id": row.client_id, **changed}
    statement = insert(OauthConsentRow).values(values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "client_id"], set_=changed)
    )


async def delete_consent(session: AsyncSession, user_id: UUID, client_id: UUID) -> None:
    """Takes the consent back: the person is asked again."""
    await session.execute(
        delete(OauthConsentRow)
        .where(OauthConsentRow.user_id == user_id, OauthConsentRow.client_id == client_id)
        .execution_options(**_UNSYNCHRONIZED)
    )


async def delete_over(session: AsyncSession, moment: datetime) -> None:
    """Deletes codes, devices, log-ins and refresh tokens that were over before the moment."""
    for row in (OauthCodeRow, OauthDeviceRow, OauthLoginRow, OauthRefreshTokenRow):
        await session.execute(delete(row).where(row.expires_at < moment).execution_options(**_UNSYNCHRONIZED))


async def organizations_of_user(session: AsyncSession, user_id: UUID) -> list[OrganizationRow]:
    """Returns the organizations the user belongs to, the oldest membership first."""
    statement = (
        select(OrganizationRow)
        .join(MembershipRow, MembershipRow.organization_id == OrganizationRow.id)
        .where(MembershipRow.user_id == user_id)
        .order_by(MembershipRow.created_at, OrganizationRow.id)
        .limit(100)
    )
    return list(await session.scalars(statement))


async def find_organization_name(session: AsyncSession, organization_id: UUID) -> str:
    """Returns the name people know the organization by."""
    statement = select(OrganizationRow.name).where(OrganizationRow.id == organization_id)
    return (await session.execute(statement)).scalar_one()


async def lock_code(session: AsyncSession, code_hash: bytes) -> OauthCodeRow | None:
    """Returns the code, held until the transaction ends: of two uses the second sees the first."""
    statement = select(OauthCodeRow).where(OauthCodeRow.code_hash == code_hash).with_for_update()
    return (await session.scalars(statement.execution_options(**_FRESH))).one_or_none()


async def lock_refresh_token(
    session: AsyncSession, token_hash: bytes
) -> tuple[OauthRefreshTokenRow, OauthGrantRow] | None:
    """Returns the token and its grant, which is held: one refresh or revocation of a grant at a time."""
    found = await session.execute(
        select(OauthRefreshTokenRow.grant_id).where(OauthRefreshTokenRow.token_hash == token_hash)
    )
    grant_id = found.scalar_one_or_none()
    if grant_id is None:
        return None
    grant = await lock_grant(session, grant_id)
    statement = select(OauthRefreshTokenRow).where(OauthRefreshTokenRow.token_hash == token_hash)
    token = (await session.scalars(statement.execution_options(**_FRESH))).one_or_none()
    return (token, grant) if token is not None and grant is not None else None


async def lock_grant(session: AsyncSession, grant_id: UUID) -> OauthGrantRow | None:
    """Returns the grant, held until the transaction ends."""
    statement = select(OauthGrantRow).where(OauthGrantRow.id == grant_id).with_for_update()
    return (await session.scalars(statement.execution_options(**_FRESH))).one_or_none()


async def find_grant(session: AsyncSession, grant_id: UUID) -> OauthGrantRow | None:
    """Returns the grant."""
    return await session.get(OauthGrantRow, grant_id)


async def find_refresh_token(
    session: AsyncSession, token_hash: bytes
) -> tuple[OauthRefreshTokenRow, OauthGrantRow] | None:
    """Returns the refresh token and its grant."""
    statement = (
        select(OauthRefreshTokenRow, OauthGrantRow)
        .join(OauthGrantRow, OauthGrantRow.id == OauthRefreshTokenRow.grant_id)
        .where(OauthRefreshTokenRow.token_hash == token_hash)
    )
    found = (await session.execute(statement)).one_or_none()
    return (found[0], found[1]) if found is not None else None


def grants_of_user(user_id: UUID | None, now: datetime) -> Select[OauthGrantRow]:
    """Returns the statement of what runs in a user's name."""
    return select(OauthGrantRow).where(
        OauthGrantRow.user_id == user_id,
        OauthGrantRow.revoked_at.is_(None),
        OauthGrantRow.expires_at > now,
    )


async def find_device_by_user_code(
    session: AsyncSession, user_code: str, now: datetime
) -> OauthDeviceRow | None:
    """Returns the device that waits for this code, held until the transaction ends."""
    statement = (
        select(OauthDeviceRow)
        .where(
            OauthDeviceRow.user_code == user_code,
            OauthDeviceRow.status == "pending",
            OauthDeviceRow.expires_at > now,
        )
        .with_for_update()
    )
    return (await session.scalars(statement.execution_options(**_FRESH))).one_or_none()


async def lock_device(session: AsyncSession, device_code_hash: bytes) -> OauthDeviceRow | None:
    """Returns the device of a device code, held until the transaction ends."""
    statement = select(OauthDeviceRow).where(OauthDeviceRow.device_code_hash == device_code_hash)
    return (await session.scalars(statement.with_for_update().execution_options(**_FRESH))).one_or_none()


async def find_open_user(session: AsyncSession, user_id: UUID) -> UserRow | None:
    """Returns the user unless the account is closed."""
    row = await session.get(UserRow, user_id)
    return row if row is not None and row.is_open else None


async def clients_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, OauthClientRow]:
    """Returns the clients by id, whoever registered them; a user may see whom they gave a grant."""
    rows = await session.scalars(select(OauthClientRow).where(OauthClientRow.id.in_(ids)))
    return {row.id: row for row in rows}
