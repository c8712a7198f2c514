"""Who is asking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.config import ClaimNamesConfig

# What a newer token of the same session differs in.
_OF_ONE_TOKEN = frozenset({"exp", "iat", "nbf", "jti", "active"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Nobody, or whoever a verified credential speaks for.

    `key` is opaque, the same for all credentials that say the same, and never empty for a viewer who is
    somebody; those with equal keys may see the same. `service` is the name of a service that asks, perhaps on
    behalf of the user `id`. `expires_at` is in Unix seconds.
    """

    id: str | None = None
    organization: str | None = None
    session: str | None = None
    service: str | None = None
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict)
    expires_at: float | None = None
    key: str = ""

    @property
    def is_authenticated(self) -> bool:
        """Whether anybody stands behind the request."""
        return self.key != ""

    @property
    def account(self) -> str | None:
        """Who the viewer is whatever the credential; None for nobody."""
        return self.id or self.service or self.key or None


ANONYMOUS = Viewer()


def viewer_of_claims(
    claims: Mapping[str, Any], names: ClaimNamesConfig, *, service: str | None = None
) -> Viewer:
    """Returns the viewer of verified claims."""
    lasting = {name: value for name, value in claims.items() if name not in _OF_ONE_TOKEN}
    text = orjson.dumps((service, lasting), option=orjson.OPT_SORT_KEYS)
    return Viewer(
        _text(claims.get("user" if service else names.id)),
        _text(claims.get(names.organization)),
        _text(claims.get(names.session)),
        service,
        frozenset(word for name in names.scopes for word in _words(claims.get(name))),
        claims,
        _seconds(claims.get("exp")),
        hashlib.sha256(text).hexdigest()[:40],
    )


def _text(value: object) -> str | None:
    return (
        str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
    )


def _words(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return (one for one in value if isinstance(one, str))
    return ()


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
