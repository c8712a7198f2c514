"""What a bus engine is told."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.kit.settings import KitSettings


@dataclass(frozen=True, slots=True)
class BusSettings:
    """The address and the bounds of the bus; see the settings of the same names."""

    url: str
    name: str = "zellige"
    retention_s: float = 72 * 3600.0
    log_entries_max: int = 1_000_000
    deliveries_max: int = 20
    lease_s: float = 6.0
    timeout_s: float = 10.0

    @classmethod
    def of(cls, settings: KitSettings) -> BusSettings:
        """Returns what the process's settings say."""
        return cls(
            url=settings.event_bus_url or settings.redis_url,
            name=settings.event_bus_name,
            retention_s=settings.event_retention_hours * 3600,
            log_entries_max=settings.event_log_entries_max,
            deliveries_max=settings.event_deliveries_max,
            lease_s=settings.event_lease_s,
        )
