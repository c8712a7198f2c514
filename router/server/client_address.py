"""Whose address a request came from, through proxies that are trusted and no others.

Each proxy appends the address it saw to `X-Forwarded-For` (or `Forwarded`, RFC 7239). So the list is read
from the right, for as long as the hop that wrote an entry is one of ours; whatever stands left of the first
foreign address was written by a stranger and means nothing. Who is trusted is a setting; nobody is unless
named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from router.config import ServerConfig
from router.server.asgi import Scope

ADDRESS_HEADER = "x-client-address"
"""By which subgraphs are told, with mutations (`transport.propagate_with_mutations`)."""
HOPS_MAX = 32
_ADDRESSES_REMEMBERED = 4_096
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*"?([^";]+)"?', re.IGNORECASE)

Address = IPv4Address | IPv6Address


class ClientAddresses:
    """Finds the client's address; without trusted proxies it is that of the connection."""

    def __init__(self, config: ServerConfig) -> None:
        self._networks = tuple(ip_network(one, strict=False) for one in config.trusted_proxies)
        self._header = config.forwarded_header
        self._is_trusted = lru_cache(maxsize=_ADDRESSES_REMEMBERED)(self._is_in_networks)

    def mark(self, scope: Scope, headers: dict[str, str]) -> str:
        """Returns the address, and puts it into the header in place of what the client wrote there."""
        address = self.of(scope, headers)
        headers.pop(ADDRESS_HEADER, None)
        if address:
            headers[ADDRESS_HEADER] = address
        return address

    def of(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Returns the address in its plain form; "" where a connection has none, as a Unix socket."""
        peer = scope.get("client")
        found: str = peer[0] if peer else ""
        if not self._networks or not self._is_trusted(found):
            return found
        listed = headers.get(self._header)
        if listed is None:
            return found
        for entry in self._from_the_right(listed):
            address = _read_address(entry)
            if address is None:
                return found  # "unknown" or a made-up name: the hop before it is all that is known
            found = str(address)
            if not self._is_trusted(found):
                return found
        return found

    def _from_the_right(self, listed: str) -> Iterator[str]:
        entries = listed.rsplit(",", HOPS_MAX)[1:] if listed.count(",") >= HOPS_MAX else listed.split(",")
        for entry in reversed(entries):
            if self._header == "forwarded":
                match = _FOR.search(entry)
                yield match[1] if match else ""
            else:
                yield entry

    def _is_in_networks(self, text: str) -> bool:
        address = _read_address(text)
        return address is not None and any(address in network for network in self._networks)


def _read_address(entry: str) -> Address | None:
    """Returns the address of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    text = entry.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
