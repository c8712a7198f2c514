"""How the transport stands, for metrics and for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddressSnapshot:
    """The connections to one address."""

    address: str
    in_use: int
    idle: int
    is_ejected: bool


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """The connections to one subgraph, and how many requests wait for one."""

    waiting: int
    addresses: tuple[AddressSnapshot, ...]

    @property
    def in_use(self) -> int:
        """Connections in use, to all addresses."""
        return sum(address.in_use for address in self.addresses)

    @property
    def idle(self) -> int:
        """Idle connections, to all addresses."""
        return sum(address.idle for address in self.addresses)
