"""Where a request comes from: for audit, throttles and lists of sessions.

Operations come from the router, whose word is taken (`ClientOrigin`). A domain's own routes are reached by
anybody: there the connection counts, and behind named proxies what these have seen (`PublicOrigins`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.kit.settings import KitSettings

ADDRESS_HEADER = "x-client-address"
FORWARDED_HEADER = "x-forwarded-for"
HOPS_MAX = 16
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


class PublicOrigins:
    """Tells origins of requests that have not come through the router."""

    def __init__(self, settings: KitSettings) -> None:
        named = (each.strip() for each in (settings.trusted_proxies or "").split(","))
        self._trusted = [ipaddress.ip_network(each) for each in named if each]

    def of(self, headers: Mapping[str, str], peer: str | None) -> ClientOrigin:
        """Returns the origin; what a stranger says of their address is passed over."""
        found = _canonical(peer or "")
        entries = headers.get(FORWARDED_HEADER, "").split(",")[-HOPS_MAX:]
        # From the right: each entry was written by the hop that stands to the right of it.
        while entries and found is not None and self._is_trusted(found):
            written = _canonical(entries.pop())
            if written is None:
                break
            found = written
        return ClientOrigin(found, ClientOrigin.of(headers).user_agent)

    def _is_trusted(self, address: str) -> bool:
        return any(ipaddress.ip_address(address) in network for network in self._trusted)


def _canonical(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
