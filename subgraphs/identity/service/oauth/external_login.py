"""Logging in by an account elsewhere: another provider says who it is, we know whom that is here.

An account elsewhere is linked to a user by the user themself, logged in here at the time; or by the e-mail
address, where the operator trusts the provider with addresses and both sides have verified it. Nobody is
registered this way, and a second factor of ours is still asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from subgraphs.identity.model.external_queries import find_external_identity, link_external_identity
from subgraphs.identity.model.user_queries import find_user_by_email
from subgraphs.identity.service.emails import normalize_email
from subgraphs.kit.database import Database

SUBJECT_LENGTH_MAX = 255


class ExternalProvider(BaseModel):
    """Another provider, as the operator has set it up. `name` stands in addresses, `title` on the button."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile email"
    trusts_email: bool = False


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Who somebody is elsewhere, as a verified ID token says."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> ExternalIdentity:
        """Returns the identity in the claims of a verified ID token."""
        email = claims.get("email")
        return cls(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"])[:SUBJECT_LENGTH_MAX],
            email=email if isinstance(email, str) else None,
            email_verified=claims.get("email_verified") is True,
        )


def read_external_providers(text: str | None) -> tuple[ExternalProvider, ...]:
    """Returns the providers of the setting; raises RuntimeError when it cannot be read."""
    try:
        listed = TypeAdapter(list[ExternalProvider]).validate_python(orjson.loads(text) if text else [])
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise RuntimeError(f"ZELLIGE_EXTERNAL_PROVIDERS cannot be read: {error}") from error
    return tuple(listed)


async def find_or_link_user(
    database: Database,
    provider: ExternalProvider,
    found: ExternalIdentity,
    logged_in: UUID | None,
    now: datetime,
) -> UUID | None:
    """Returns whose account it is here; None when nobody has linked it."""
    async with database.transaction() as session:
        known = await find_external_identity(session, found.issuer, found.subject)
        if known is not None:
            return known.user_id
        user_id = logged_in
        if user_id is None and provider.trusts_email and found.email_verified and found.email:
            user = await find_user_by_email(session, normalize_email(found.email))
            is_verified = user is not None and user.is_open and user.email_verified_at is not None
            user_id = user.id if user is not None and is_verified else None
        if user_id is None:
            return None
        return await link_external_identity(session, found.issuer, found.subject, user_id, found.email, now)
