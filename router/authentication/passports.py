"""Tells a subgraph who the viewer is: a JWT of the router's own, for that subgraph alone, short-lived.

One is made for each viewer and subgraph, and used until half of its life is over.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import jwt

from router.authentication.viewer import ANONYMOUS, Viewer
from router.config import PassportConfig

ALGORITHM = "HS256"
ROUTER = "router"
"""The name the router goes by where it asks for itself."""
PASSPORTS_MAX = 20_000
_PURPOSE = b"zellige passport 1"
# What the credential said about itself, and a passport says anew; `sub` and the like stay the viewer's.
_OWN = frozenset({"iss", "aud", "nbf"})


class Passports:
    """Makes passports; `now` gives Unix seconds."""

    def __init__(self, config: PassportConfig, now: Callable[[], float] = time.time) -> None:
        assert config.secret is not None, "without a secret there are no passports"
        self.header = config.header
        self._key = passport_key(config.secret.get_secret_value())
        self._issuer = config.issuer
        self._lifetime_s = config.lifetime_s
        self._subgraphs = frozenset(config.subgraphs) if config.subgraphs is not None else None
        self._now = now
        self._made: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()

    def serves(self, subgraph: str) -> bool:
        """Whether the subgraph is sent passports."""
        return self._subgraphs is None or subgraph in self._subgraphs

    def passport(self, viewer: Viewer, subgraph: str) -> str:
        """Returns the header's value that tells the subgraph who asks; also that nobody known does."""
        key = (viewer.key, subgraph)
        made = self._made.get(key)
        if made is not None and self._now() < made[1]:
            return made[0]
        token, renew_at = self._make(viewer, subgraph)
        self._made[key] = (token, renew_at)
        self._made.move_to_end(key)
        if len(self._made) > PASSPORTS_MAX:
            self._made.popitem(last=False)
        return token

    def of_router(self, subgraph: str) -> str:
        """Returns what shows the subgraph that the router itself asks."""
        return self.passport(Viewer(service=ROUTER, key=ROUTER), subgraph)

    def _make(self, viewer: Viewer, subgraph: str) -> tuple[str, float]:
        now = self._now()
        # A passport never outlives the credential it is made from.
        expires_at = now + self._lifetime_s
        if viewer.expires_at is not None:
            expires_at = max(min(expires_at, viewer.expires_at), now + 1)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": subgraph,
            "iat": int(now),
            "exp": int(expires_at) + 1,
            "jti": secrets.token_hex(8),
            "viewer": None,
        }
        if viewer is not ANONYMOUS:
            claims["viewer"] = {name: one for name, one in viewer.claims.items() if name not in _OWN}
            claims["service"] = viewer.service
        return jwt.encode(claims, self._key, algorithm=ALGORITHM), now + (expires_at - now) / 2


def passport_key(secret: str) -> bytes:
    """Returns the key of passports, so that what the secret signs elsewhere is no passport."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()
