"""What the provider's routes are made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.oauth.external_login import ExternalProvider
from subgraphs.identity.service.oauth.issue_tokens import Provider
from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.settings import KitSettings


@dataclass(frozen=True, slots=True)
class OauthParts:
    """The database, the clock and the keys; wired once."""

    settings: KitSettings
    database: Database
    clock: Clock
    doorway: Doorway
    external_providers: Sequence[ExternalProvider] = ()

    @property
    def provider(self) -> Provider:
        """Who issues tokens."""
        return Provider(self.doorway.signer, self.settings)

    @property
    def issuer(self) -> str:
        """The address by which clients know us."""
        return self.provider.issuer

    def now(self) -> datetime:
        """Returns the present moment by the app's clock."""
        return self.clock.now()
