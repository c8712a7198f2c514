"""What delivery is wired with: its settings, the providers, the links in mail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from subgraphs.kit.clock import Clock
from subgraphs.kit.settings import KitSettings
from subgraphs.notifications.channels.registry import Providers
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.service.delivery.unsubscribe_links import UnsubscribeLinks


@dataclass(frozen=True, slots=True)
class Delivery:
    """One per app; `turn` lets one run work at a time in a process, however often the clock calls."""

    settings: DeliverySettings
    providers: Providers
    links: UnsubscribeLinks
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, kit: KitSettings, settings: DeliverySettings, clock: Clock) -> Delivery:
        """Returns delivery as the settings want it; nothing is connected yet."""
        return cls(settings, Providers(settings, clock), UnsubscribeLinks(kit, settings))

    async def close(self) -> None:
        """Ends the connections that are kept."""
        await self.providers.close()
