"""A rule as it is counted: for which requests, under which key, and how much."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network

from router.config import RateLimitRule, RateLimitsConfig
from router.pipeline.identity import identity_of
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.windows import Hit

_KEY_BYTES = 16
_NETWORKS_REMEMBERED = 4_096


class CompiledRule:
    """One rule, made ready once."""

    __slots__ = (
        "_clients",
        "_fields",
        "_operations",
        "_settings",
        "by",
        "limit",
        "name",
        "window_ms",
        "window_s",
    )

    def __init__(self, rule: RateLimitRule, settings: RateLimitsConfig) -> None:
        self.name = rule.name
        self.by = rule.by
        self.limit = rule.limit
        self.window_s = rule.window_s
        self.window_ms = rule.window_s * 1000
        names = "|".join(map(re.escape, rule.fields))
        self._fields = re.compile(rf"(?<![\w$])(?:{names})(?!\w)", re.ASCII) if names else None
        self._operations = frozenset(rule.operations)
        self._clients = frozenset(rule.clients)
        self._settings = settings

    def hit(self, request: GraphQLRequest, context: RequestContext) -> Hit | None:
        """Returns what the request takes from which counter; None when the rule does not hold for it."""
        if self._operations and request.operation_name not in self._operations:
            return None
        if self._clients and context.headers.get(self._settings.client_name_header) not in self._clients:
            return None
        cost = 1
        if self._fields is not None:
            cost = sum(1 for _ in self._fields.finditer(request.query))
            if cost == 0:
                return None
        digest = blake2b(self.name.encode(), digest_size=_KEY_BYTES)
        for kind in self.by:
            value = self._value(kind, request, context)
            if not value:
                return None
            text = value.encode("utf-8", "surrogatepass")
            # With its length, so that no two combinations of values are one text.
            digest.update(b"\0%d:%b" % (len(text), text))
        return Hit(digest.digest(), self.limit, self.window_ms, cost)

    def _value(self, kind: str, request: GraphQLRequest, context: RequestContext) -> str | None:
        match kind:
            case "ip":
                return network_of(context.client_address, self._settings.ipv6_prefix)
            case "viewer":
                return identity_of(context).id
            case "organization":
                return identity_of(context).organization
            case "client":
                return context.headers.get(self._settings.client_name_header)
            case _:
                return request.document_id or request.operation_name or "(anonymous)"


@lru_cache(maxsize=_NETWORKS_REMEMBERED)
def network_of(address: str, ipv6_prefix: int) -> str:
    """Returns what one client's addresses have in common: of IPv6 its network, of IPv4 the address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(ip_network((found, ipv6_prefix), strict=False))
    return address
