"""The bounds of the pool of one subgraph, as the transport counts them."""

from __future__ import annotations

from dataclasses import dataclass

from router.config import EjectionConfig, TransportConfig


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The bounds of one pool; times in seconds."""

    connections_max: int
    queue_max: int
    connect_timeout_s: float
    read_timeout_s: float
    idle_timeout_s: float
    response_bytes_max: int
    dns_refresh_s: float
    ejection: EjectionConfig

    @classmethod
    def of(cls, config: TransportConfig) -> PoolLimits:
        """Returns the bounds the settings ask for."""
        return cls(
            connections_max=config.connections_per_host_max,
            queue_max=config.queue_per_host_max,
            connect_timeout_s=config.connect_timeout_ms / 1000,
            read_timeout_s=config.read_timeout_ms / 1000,
            idle_timeout_s=config.idle_timeout_ms / 1000,
            response_bytes_max=config.max_response_bytes,
            dns_refresh_s=config.dns_refresh_ms / 1000,
            ejection=config.ejection,
        )
