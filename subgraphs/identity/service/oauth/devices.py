"""The device flow (RFC 8628): a device shows a code, a person types it elsewhere, the device asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import (
    count_wrong_code,
    end_login,
    find_device_by_user_code,
    lock_device,
)
from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthDeviceRow
from subgraphs.identity.service.oauth.authorization import give_consent
from subgraphs.identity.service.oauth.browser_logins import BrowserLogin
from subgraphs.identity.service.oauth.errors import OAuthError, invalid_grant
from subgraphs.identity.service.oauth.issue_tokens import (
    IssuedTokens,
    Provider,
    issue_for_grant,
    new_grant,
    wants_refresh_token,
)
from subgraphs.identity.service.oauth.secrets import hash_secret, new_secret, new_user_code, read_user_code

LIFETIME = timedelta(minutes=10)
INTERVAL_S = 5
INTERVAL_S_MAX = 60
WRONG_CODES_MAX = 10
PENDING, APPROVED, DENIED, USED = "pending", "approved", "denied", "used"


@dataclass(frozen=True, slots=True)
class StartedDevice:
    """What the device shows and what it keeps."""

    device_code: str
    user_code: str
    expires_in_s: int
    interval_s: int


async def start_device(
    session: AsyncSession, client: OauthClientRow, scopes: Sequence[str], now: datetime
) -> StartedDevice:
    """Returns the codes; the person's has a dash in its middle."""
    device_code, user_code = new_secret(), new_user_code()
    session.add(
        OauthDeviceRow(
            device_code_hash=hash_secret(device_code),
            user_code=user_code,
            client_id=client.id,
            scopes=list(scopes),
            status=PENDING,
            expires_at=now + LIFETIME,
            interval_s=INTERVAL_S,
        )
    )
    await session.flush()
    shown = f"{user_code[:4]}-{user_code[4:]}"
    return StartedDevice(device_code, shown, int(LIFETIME.total_seconds()), INTERVAL_S)


async def find_waiting_device(
    session: AsyncSession, login: BrowserLogin, user_code: str, now: datetime
) -> OauthDeviceRow | None:
    """Returns the device of the code; a wrong one is counted, and too many end the log-in."""
    device = await find_device_by_user_code(session, read_user_code(user_code), now)
    if device is None and await count_wrong_code(session, login.id) >= WRONG_CODES_MAX:
        await end_login(session, login.id, now)
    return device


async def decide_device(
    session: AsyncSession,
    waiting: tuple[OauthDeviceRow, OauthClientRow],
    login: BrowserLogin,
    organization_id: UUID | None,
    *,
    approved: bool,
    now: datetime,
) -> None:
    """Writes the person's decision on a client's device that waits, whose row is locked."""
    device, client = waiting
    if approved:
        await give_consent(session, client, device.scopes, login.user_id, organization_id, now=now)
        device.organization_id = organization_id
        device.authenticated_at = login.authenticated_at
    device.user_id = login.user_id
    device.status = APPROVED if approved else DENIED
    await session.flush()


async def poll_device(
    session: AsyncSession, provider: Provider, client: OauthClientRow, device_code: str, now: datetime
) -> IssuedTokens | OAuthError:
    """Returns tokens once the person has agreed, and once only; else why there are none yet."""
    device = await lock_device(session, hash_secret(device_code))
    if device is None or device.client_id != client.id or device.status == USED:
        return invalid_grant()
    if device.expires_at <= now:
        return OAuthError("expired_token", "The device code has expired; begin again")
    if device.status == DENIED:
        return OAuthError("access_denied", "The person said no")
    if device.status == PENDING:
        return _not_yet(device, now)
    device.status = USED
    assert device.user_id is not None, "who approves is logged in"
    assert device.authenticated_at is not None, "who approves is logged in"
    grant = new_grant(
        client, device.user_id, device.organization_id, device.scopes, device.authenticated_at, now
    )
    session.add(grant)
    await session.flush()
    refresh_token = new_secret() if wants_refresh_token(client, grant.scopes) else None
    return await issue_for_grant(session, provider, grant, refresh_token=refresh_token, now=now)


def _not_yet(device: OauthDeviceRow, now: datetime) -> OAuthError:
    is_hasty = device.polled_at is not None and now - device.polled_at < timedelta(seconds=device.interval_s)
    device.polled_at = now
    if not is_hasty:
        return OAuthError("authorization_pending", "The person has not decided yet")
    device.interval_s = min(device.interval_s + INTERVAL_S, INTERVAL_S_MAX)
    return OAuthError("slow_down", f"Ask every {device.interval_s} seconds")
