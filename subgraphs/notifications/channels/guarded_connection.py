"""Connections to addresses that somebody else has named, and only to public ones.

A webhook's host is looked up once, every address it has is checked, and the connection goes to a checked
address: looking it up again could give another one. Hosts the operator permits may be anywhere, by http too.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Set
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from subgraphs.kit.http_client import Connection

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 within IPv6 (RFC 6052): global by its own number, whatever the IPv4 address is."""


class ForbiddenAddressError(OSError):
    """The host has an address that is not public."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """What may be reached; `permitted` holds `host` and `host:port` entries in lower case."""

    permitted: Set[str] = field(default_factory=frozenset)

    def problem_of(self, url: str) -> str | None:
        """Returns what is wrong with a webhook's URL, before any look-up; None when nothing is."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return "it is not a URL"
        if not host or any(character.isspace() for character in url):
            return "it names no host"
        if parts.username is not None or parts.password is not None:
            return "it holds a user or a password; the signature says who sends"
        if parts.fragment:
            return "it has a fragment"
        if parts.scheme == "https" or (parts.scheme == "http" and self._permits(host, port or 80)):
            return None
        return "it must begin with https://"

    async def connect(self, host: str, port: int, context: ssl.SSLContext | None) -> Connection:
        """Opens a connection to a checked address of the host; raises ForbiddenAddressError, OSError."""
        if self._permits(host, port):
            return await asyncio.open_connection(host, port, ssl=context)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(is_public(address) for address in addresses):
            raise ForbiddenAddressError("The host has an address that is not public")
        name = host if context is not None else None
        return await asyncio.open_connection(addresses[0], port, ssl=context, server_hostname=name)

    def _permits(self, host: str, port: int) -> bool:
        return host.lower() in self.permitted or f"{host.lower()}:{port}" in self.permitted


def is_public(text: str) -> bool:
    """Says whether an address belongs to the public Internet; one written within IPv6 counts as itself.

    >>> [is_public(each) for each in ("1.1.1.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _ipv4_within(address)
    address = inner if inner is not None else address
    return address.is_global and not address.is_multicast and not address.is_reserved


def _ipv4_within(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
