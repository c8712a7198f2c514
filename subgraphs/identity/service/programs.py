"""Programs of an organization: service accounts, and the keys they show.

A key belongs to the organization, not to whoever made it. It is shown once and kept by its hash; at most two
of an account are live, so that one can replace the other without an interruption.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import BeyondOwnPermissions, KeyLimit
from subgraphs.identity.events import ApiKeyCreated, ApiKeyRevoked, ServiceAccountUpserted
from subgraphs.identity.model.program_queries import (
    count_live_keys,
    find_service_account_by_name,
    lock_service_account,
    revoke_key,
)
from subgraphs.identity.model.tables import ApiKeyRow, ServiceAccountRow
from subgraphs.identity.service.members import Actor, lock_own_organization
from subgraphs.identity.service.roles import check_holds, check_permissions, holds
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id

MANAGE_PROGRAMS = "programs:write"
KEY_MARK = "zlg"
PREFIX_LENGTH = 8
LIVE_KEYS_MAX = 2
NETWORKS_MAX = 20
NAME_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class ServiceAccountDraft:
    """A service account as it shall be."""

    name: str
    permissions: Sequence[str]
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class ApiKeyDraft:
    """A key as it shall be; without scopes it may what its account may."""

    service_account_id: UUID | None
    scopes: Sequence[str] | None = None
    expires_at: datetime | None = None
    allowed_networks: Sequence[str] = ()


async def upsert_service_account(
    session: AsyncSession, viewer: Viewer, draft: ServiceAccountDraft, now: datetime
) -> ServiceAccountRow:
    """Returns the account; the viewer must hold what it had and what it gets."""
    await check_recently_proved(session, viewer, now)
    name = draft.name.strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"A name has 1 to {NAME_LENGTH_MAX} characters", field=["input", "name"])
    permissions = check_permissions(draft.permissions)
    actor = await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    check_holds(actor.viewer, permissions)
    row = await find_service_account_by_name(session, actor.organization_id, name)
    if row is None:
        row = ServiceAccountRow(id=new_id(), organization_id=actor.organization_id, name=name)
        session.add(row)
    else:
        check_holds(actor.viewer, row.permissions)
    row.permissions = permissions
    row.disabled_at = (row.disabled_at or now) if draft.is_disabled else None
    await session.flush()
    upserted = ServiceAccountUpserted(
        subject=str(row.id),
        occurred_at=now,
        organization_id=actor.organization_id,
        name=name,
        permissions=tuple(permissions),
        is_disabled=draft.is_disabled,
        actor_id=actor.user_id,
    )
    await record_event(session, upserted)
    return row


async def create_api_key(
    session: AsyncSession, viewer: Viewer, draft: ApiKeyDraft, now: datetime
) -> tuple[ApiKeyRow, str]:
    """Returns the key's row and the key itself, which nobody can be shown again."""
    await check_recently_proved(session, viewer, now)
    if draft.expires_at is not None and draft.expires_at <= now:
        raise InvalidInput("This moment has passed", field=["input", "expiresAt"])
    networks = _check_networks(draft.allowed_networks)
    actor = await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    account = await _lock_account(session, actor, draft.service_account_id)
    check_holds(actor.viewer, account.permissions)
    scopes = _check_scopes(account, draft.scopes)
    if await count_live_keys(session, account.id, now) >= LIVE_KEYS_MAX:
        raise KeyLimit(f"An account has at most {LIVE_KEYS_MAX} live keys; revoke one first")
    prefix, key = _new_key()
    row = ApiKeyRow(
        id=new_id(),
        organization_id=actor.organization_id,
        service_account_id=account.id,
        prefix=prefix,
        key_hash=hash_key(key),
        scopes=scopes,
        allowed_networks=networks,
        created_by=actor.user_id,
        created_at=now,
        expires_at=draft.expires_at,
    )
    session.add(row)
    await session.flush()
    created = ApiKeyCreated(
        subject=str(row.id),
        occurred_at=now,
        organization_id=actor.organization_id,
        service_account_id=account.id,
        prefix=prefix,
        scopes=tuple(scopes),
        expires_at=draft.expires_at,
        actor_id=actor.user_id,
    )
    await record_event(session, created)
    return row, key


async def revoke_api_key(
    session: AsyncSession, viewer: Viewer, key_id: UUID | None, now: datetime
) -> ApiKeyRow:
    """Returns the key, which opens nothing any more."""
    actor = await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    row = await revoke_key(session, actor.organization_id, key_id, now) if key_id is not None else None
    if row is None:
        raise NotFound("No such live key", field=["id"])
    revoked = ApiKeyRevoked(
        subject=str(row.id),
        occurred_at=now,
        organization_id=actor.organization_id,
        service_account_id=row.service_account_id,
        prefix=row.prefix,
        actor_id=actor.user_id,
    )
    await record_event(session, revoked)
    return row


def hash_key(key: str) -> bytes:
    """Returns what is stored of a key; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(key.encode()).digest()


def _new_key() -> tuple[str, str]:
    prefix = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(PREFIX_LENGTH))
    return prefix, f"{KEY_MARK}_{prefix}_{secrets.token_urlsafe(32)}"


async def _lock_account(session: AsyncSession, actor: Actor, account_id: UUID | None) -> ServiceAccountRow:
    account = None
    if account_id is not None:
        account = await lock_service_account(session, actor.organization_id, account_id)
    if account is None or account.disabled_at is not None:
        raise NotFound("No such service account", field=["input", "serviceAccountId"])
    return account


def _check_scopes(account: ServiceAccountRow, scopes: Sequence[str] | None) -> list[str]:
    if scopes is None:
        return list(account.permissions)
    checked = check_permissions(scopes, field=["input", "scopes"])
    beyond = [each for each in checked if not holds(account.permissions, each)]
    if beyond:
        raise BeyondOwnPermissions(
            f"The service account does not hold {', '.join(beyond)}", field=["input", "scopes"]
        )
    return checked


def _check_networks(networks: Sequence[str]) -> list[str]:
    if len(networks) > NETWORKS_MAX:
        raise InvalidInput(f"At most {NETWORKS_MAX} networks", field=["input", "allowedNetworks"])
    try:
        return sorted({str(ipaddress.ip_network(each.strip())) for each in networks})
    except ValueError as error:
        raise InvalidInput(
            "A network is an address or a CIDR block (192.0.2.0/24)", field=["input", "allowedNetworks"]
        ) from error
