"""Where a request comes from, as the router tells it: for audit, throttles and lists of sessions.

Only the router speaks to subgraphs, so its word is taken; one that strangers can reach must not use it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

ADDRESS_HEADER = "x-client-address"
USER_AGENT_LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class ClientOrigin:
    """The client's IP address in its canonical form, and what its program calls itself."""

    address: str | None = None
    user_agent: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> ClientOrigin:
        """Returns the origin in headers with lower-case names; what is no address is passed over."""
        user_agent = headers.get("user-agent", "").strip()[:USER_AGENT_LENGTH_MAX]
        return cls(_canonical(headers.get(ADDRESS_HEADER, "")), user_agent or None)


UNKNOWN_ORIGIN = ClientOrigin()


def _canonical(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
