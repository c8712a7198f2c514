"""What happens to organizations' programs and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountUpserted(Event):
    """A service account was made or changed; it is the subject."""

    type: ClassVar[str] = "service_account.upserted"

    name: str
    permissions: tuple[str, ...]
    is_disabled: bool
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated(Event):
    """A service account has a new key; the key is the subject."""

    type: ClassVar[str] = "api_key.created"

    service_account_id: UUID
    prefix: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Event):
    """A key opens nothing any more; it is the subject."""

    type: ClassVar[str] = "api_key.revoked"

    service_account_id: UUID
    prefix: str
    actor_id: UUID | None
