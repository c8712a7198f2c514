"""The keys entries stand under.

Every key names its space first: `public` for what is said to be everybody's, `anonymous` for what was
answered to somebody without credentials, and one space for each viewer. Nothing is looked up in the space of
somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from router.cache.policy import Scope

PUBLIC = b"public"
ANONYMOUS = b"anonymous"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who asks: `viewer` is None for everybody without credentials; `keeps_private` by the settings."""

    viewer: str | None
    keeps_private: bool

    @property
    def own_space(self) -> bytes | None:
        """The space of what is not public, for who asks; None when nothing such may be kept."""
        if self.viewer is None:
            return ANONYMOUS
        return b"viewer " + self.viewer.encode() if self.keeps_private else None

    def spaces_for(self, declared: Scope) -> tuple[bytes, ...]:
        """Returns where to look for what is declared so, before an answer says more."""
        if declared is Scope.PUBLIC:
            return (PUBLIC,)
        own = self.own_space
        if declared is Scope.PRIVATE:
            return () if own is None or self.viewer is None else (own,)
        return (PUBLIC,) if own is None else (own, PUBLIC)

    def space_of(self, settled: Scope) -> bytes | None:
        """Returns where an answer may be kept; None when nowhere."""
        if settled is Scope.PUBLIC:
            return PUBLIC
        if settled is Scope.PRIVATE and self.viewer is None:
            return None
        return self.own_space


def key_prefix(kind: bytes, subgraph: str, digest: bytes, conditions: tuple[Any, ...]) -> bytes:
    """Returns what all keys of one selection begin with, after the space.

    `conditions` is everything that changes the answer besides: variables, headers.
    """
    text = orjson.dumps((subgraph, conditions), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return kind + blake2b(digest + text, digest_size=20).hexdigest().encode()


def space_key(space: bytes, prefix: bytes) -> bytes:
    """Returns what the keys of a selection begin with in a space; of a root fetch it is the key."""
    return b"%b|%b|" % (space, prefix)


def varying(headers: Mapping[str, str], names: tuple[str, ...]) -> tuple[str | None, ...]:
    """Returns the values of the headers that answers depend on."""
    return tuple([headers.get(name) for name in names])
