"""One thing kept, and its bytes in a store that has only bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from random import getrandbits

from router.cache.policy import Policy, Scope

Token = bytes
TOKEN_BYTES = 12
_HEAD = struct.Struct("<BBddddfH")
# Entries of another layout are misses, so processes of two releases can share a store.
_LAYOUT = 1


def new_token() -> Token:
    """Returns a token nobody has; it is no secret, and a call of the system for each would be dear."""
    return getrandbits(8 * TOKEN_BYTES).to_bytes(TOKEN_BYTES, "big")


@dataclass(slots=True)
class Entry:
    """An answer with its times (seconds of the wall clock, which processes share) and its tokens.

    `tokens` are what the names it depends on carried before it was fetched, in the order of the names.
    `cost_s` is how long fetching it took. From `expires_at` on it is of no use any more.
    """

    body: bytes
    stored_at: float
    fresh_until: float
    stale_until: float
    error_until: float
    scope: Scope
    cost_s: float
    tokens: tuple[Token, ...]
    expires_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.expires_at = max(self.fresh_until, self.stale_until, self.error_until)

    @classmethod
    def make(cls, body: bytes, policy: Policy, now: float, cost_s: float, tokens: tuple[Token, ...]) -> Entry:
        """Returns the entry of an answer that arrived now."""
        fresh = now + policy.max_age_s
        return cls(
            body,
            now,
            fresh,
            fresh + policy.stale_while_revalidate_s,
            fresh + policy.stale_if_error_s,
            policy.scope,
            cost_s,
            tokens,
        )


def encode_entry(entry: Entry) -> bytes:
    """Returns the entry as bytes."""
    head = _HEAD.pack(
        _LAYOUT,
        entry.scope,
        entry.stored_at,
        entry.fresh_until,
        entry.stale_until,
        entry.error_until,
        entry.cost_s,
        len(entry.tokens),
    )
    return b"".join((head, *entry.tokens, entry.body))


def decode_entry(raw: bytes) -> Entry | None:
    """Returns the entry in `raw`; None for what is none of ours."""
    if len(raw) < _HEAD.size or raw[0] != _LAYOUT:
        return None
    _, scope, stored, fresh, stale, error, cost, count = _HEAD.unpack_from(raw)
    end = _HEAD.size + count * TOKEN_BYTES
    if len(raw) < end or scope not in (0, 1, 2):
        return None
    tokens = tuple(raw[at : at + TOKEN_BYTES] for at in range(_HEAD.size, end, TOKEN_BYTES))
    return Entry(raw[end:], stored, fresh, stale, error, Scope(scope), cost, tokens)
