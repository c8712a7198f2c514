"""Clients: registered by organizations for their own programs, and proving who they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import find_client, lock_own_client
from subgraphs.identity.model.oauth_tables import OauthClientRow
from subgraphs.identity.service.members import lock_own_organization
from subgraphs.identity.service.oauth.errors import invalid_client
from subgraphs.identity.service.oauth.scopes import OFFLINE, PERSONAL, SCOPES_MAX, is_scope, permissions_in
from subgraphs.identity.service.oauth.secrets import hash_secret, is_secret, new_secret
from subgraphs.identity.service.programs import MANAGE_PROGRAMS
from subgraphs.identity.service.roles import check_holds
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound, check_all
from subgraphs.kit.ids import new_id
from subgraphs.kit.versions import check_version

AUTHORIZATION_CODE, REFRESH_TOKEN = "authorization_code", "refresh_token"
CLIENT_CREDENTIALS, DEVICE_CODE = "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE)
NAME_LENGTH_MAX = 100
REDIRECT_URIS_MAX = 20
REDIRECT_URI_LENGTH_MAX = 500
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")  # RFC 8252, 7.1: a reversed domain name


@dataclass(frozen=True, slots=True)
class ClientDraft:
    """A client as it shall be; a confidential one can keep a secret."""

    name: str
    is_confidential: bool
    redirect_uris: Sequence[str]
    grant_types: Sequence[str]
    scopes: Sequence[str]


async def register_client(
    session: AsyncSession, viewer: Viewer, draft: ClientDraft, now: datetime
) -> tuple[OauthClientRow, str | None]:
    """Returns the client and its secret, which is not to be had again."""
    await check_recently_proved(session, viewer, now)
    actor = await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    _check(draft)
    check_holds(actor.viewer, permissions_in(draft.scopes))
    secret = new_secret() if draft.is_confidential else None
    row = OauthClientRow(
        id=new_id(),
        organization_id=actor.organization_id,
        name=draft.name.strip(),
        secret_hash=hash_secret(secret) if secret is not None else None,
        redirect_uris=list(draft.redirect_uris),
        grant_types=sorted(set(draft.grant_types)),
        scopes=sorted(set(draft.scopes)),
    )
    session.add(row)
    await session.flush()
    return row, secret


async def change_client(
    session: AsyncSession,
    viewer: Viewer,
    client_id: UUID | None,
    draft: ClientDraft,
    expected_version: int | None,
) -> OauthClientRow:
    """Returns the client with other addresses, grants and scopes; a public one stays public."""
    actor = await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    row = await _own_client(session, viewer, client_id)
    check_version(row, expected_version)
    _check(draft)
    check_holds(actor.viewer, permissions_in(draft.scopes))
    if draft.is_confidential is not (row.secret_hash is not None):
        raise InvalidInput("A client stays public or confidential", field=["input", "confidential"])
    row.name = draft.name.strip()
    row.redirect_uris = list(draft.redirect_uris)
    row.grant_types = sorted(set(draft.grant_types))
    row.scopes = sorted(set(draft.scopes))
    await session.flush()
    return row


async def rotate_client_secret(
    session: AsyncSession, viewer: Viewer, client_id: UUID | None, now: datetime
) -> tuple[OauthClientRow, str]:
    """Returns the client and a new secret; the one before opens nothing any more."""
    await check_recently_proved(session, viewer, now)
    await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    row = await _own_client(session, viewer, client_id)
    if row.secret_hash is None:
        raise InvalidInput("A public client has no secret", field=["id"])
    secret = new_secret()
    row.secret_hash = hash_secret(secret)
    await session.flush()
    return row, secret


async def disable_client(
    session: AsyncSession, viewer: Viewer, client_id: UUID | None, now: datetime
) -> OauthClientRow:
    """Returns the client, which gets no tokens any more; those it has last a quarter of an hour at most."""
    await lock_own_organization(session, viewer, MANAGE_PROGRAMS)
    row = await _own_client(session, viewer, client_id)
    row.disabled_at = row.disabled_at or now
    await session.flush()
    return row


async def prove_client(session: AsyncSession, client_id: UUID | None, secret: str | None) -> OauthClientRow:
    """Returns the client that shows its secret, or a public one by its id alone; raises `invalid_client`."""
    row = await find_client(session, client_id)
    if row is None:
        raise invalid_client()
    if row.secret_hash is None:
        if secret:
            raise invalid_client()
        return row
    if secret is None or not is_secret(secret, row.secret_hash):
        raise invalid_client()
    return row


async def _own_client(session: AsyncSession, viewer: Viewer, client_id: UUID | None) -> OauthClientRow:
    row = await lock_own_client(session, viewer.organization_id, client_id)
    if row is None:
        raise NotFound("No such client", field=["id"])
    return row


def _check(draft: ClientDraft) -> None:
    check_all(partial(_check_name, draft.name), partial(_check_uris, draft), partial(_check_grants, draft))


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"A client's name has 1 to {NAME_LENGTH_MAX} characters", field=["input", "name"])


def _check_uris(draft: ClientDraft) -> None:
    uris = draft.redirect_uris
    if AUTHORIZATION_CODE in draft.grant_types and not uris:
        raise InvalidInput("The code flow needs an address to return to", field=["input", "redirectUris"])
    if len(uris) > REDIRECT_URIS_MAX or not all(is_redirect_uri(uri) for uri in uris):
        raise InvalidInput(
            "A redirect URI is https, http on this machine, or a private scheme, without a fragment",
            field=["input", "redirectUris"],
        )


def _check_grants(draft: ClientDraft) -> None:
    grants, scopes = set(draft.grant_types), set(draft.scopes)
    if not grants or not grants <= set(GRANT_TYPES):
        raise InvalidInput("There is no such grant type", field=["input", "grantTypes"])
    if not scopes or len(scopes) > SCOPES_MAX or not all(is_scope(scope) for scope in scopes):
        raise InvalidInput("There is no such scope", field=["input", "scopes"])
    if CLIENT_CREDENTIALS in grants and not draft.is_confidential:
        raise InvalidInput("A public client has no credentials", field=["input", "grantTypes"])
    if CLIENT_CREDENTIALS in grants and not scopes - set(PERSONAL):
        raise InvalidInput("A client on its own needs permissions", field=["input", "scopes"])
    if OFFLINE in scopes and REFRESH_TOKEN not in grants:
        raise InvalidInput("offline_access goes with refresh tokens", field=["input", "grantTypes"])


def is_redirect_uri(uri: str) -> bool:
    """Whether a browser may be sent there: https, http on its own machine, or an app's private scheme."""
    if len(uri) > REDIRECT_URI_LENGTH_MAX or not uri.isascii() or any(each in uri for each in " \"'<>\\#*"):
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return _PRIVATE_SCHEME.fullmatch(parts.scheme) is not None
