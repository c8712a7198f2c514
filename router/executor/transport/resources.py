"""What the clients of all subgraphs of one router share."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.config import TransportConfig
from router.executor.transport.addresses import Lookup, look_up
from router.executor.transport.budget import ConnectionBudget
from router.executor.transport.connection import READ_BUFFER_BYTES
from router.executor.transport.events import TransportEvents


@dataclass(frozen=True, slots=True)
class TransportResources:
    """Bound, buffer and ear of all connections in one event loop."""

    budget: ConnectionBudget
    events: TransportEvents = field(default_factory=TransportEvents)
    lookup: Lookup = look_up
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(READ_BUFFER_BYTES)))

    @classmethod
    def of(cls, config: TransportConfig, events: TransportEvents | None = None) -> TransportResources:
        """Returns the resources the settings ask for."""
        return cls(ConnectionBudget(config.connections_max), events or TransportEvents())
