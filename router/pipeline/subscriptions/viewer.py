"""Who subscribes: what tells apart who may see different data, and until when it holds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.authentication import Viewer as Caller

# What every request has of its own, without being another viewer's for it.
OF_ONE_REQUEST = frozenset({"x-request-id", "traceparent", "tracestate"})


Authenticate = Callable[[Mapping[str, str]], Awaitable[Caller]]
"""Verifies the credentials in headers (lower-case names); raises ClientError for bad ones."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """One client's credentials. Those with equal `share_key` may see the same.

    `headers` are all of the client's that subgraphs are shown. `expires_at` is in Unix seconds. `caller` is
    who was verified, None where nothing is.
    """

    share_key: tuple[Any, ...]
    headers: Mapping[str, str]
    account: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    expires_at: float | None = None
    caller: Caller | None = None


class ViewerReader:
    """Reads viewers from headers. `propagated` are the headers that may reach a subgraph.

    `credentials` are the headers `authenticate` reads. Without it nothing is verified here: subgraphs verify
    what they are shown, viewers have no claims, and a bearer token's own word on its expiry is taken, which
    can only shorten what it opens.
    """

    def __init__(
        self,
        propagated: Iterable[str],
        authenticate: Authenticate | None = None,
        credentials: Iterable[str] = ("authorization",),
    ) -> None:
        lowered = dict.fromkeys(name.lower() for name in propagated)
        self._names = tuple(name for name in lowered if name not in OF_ONE_REQUEST)
        self._credentials = tuple(credentials) if authenticate is not None else ()
        self._authenticate = authenticate

    @property
    def names(self) -> tuple[str, ...]:
        """The headers that make a viewer, which a client may tell on its connection, too."""
        told = (*self._names, *(name for name in self._credentials if name != "cookie"))
        return tuple(dict.fromkeys(told))

    async def read(self, headers: Mapping[str, str]) -> Viewer:
        """Returns the viewer of these headers; raises ClientError for bad credentials."""
        shown = {name: headers[name] for name in self._names if name in headers}
        if self._authenticate is None:
            account = shown.get("authorization")
            return Viewer(tuple(shown.items()), shown, account, {}, claimed_expiry(account))
        caller = await self._authenticate(headers)
        if not caller.is_authenticated:
            return Viewer(tuple(shown.items()), shown, caller=caller)
        others = tuple((name, value) for name, value in shown.items() if name not in self._credentials)
        key = (caller.key, others)
        return Viewer(key, shown, caller.account, caller.claims, caller.expires_at, caller)


def claimed_expiry(authorization: str | None) -> float | None:
    """Returns when a JWT says that it expires, None when that cannot be read."""
    scheme, _, token = (authorization or "").partition(" ")
    parts = token.split(".")
    if scheme.lower() != "bearer" or len(parts) != 3:
        return None
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    return float(expiry) if isinstance(expiry, int | float) and not isinstance(expiry, bool) else None
