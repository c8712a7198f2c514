"""The public keys of one issuer: read when first needed, read again in the background, kept when that fails.

Problem: a token names its key by an id that anyone can invent, and the issuer's endpoint may be slow or down.
Steps: a known id costs a dictionary look-up; keys past their age are read again beside the requests; an
unknown id makes them be read at once, one reading for all who wait, at most one per interval. Bound: one
request to the issuer per interval, of limited size and time, whatever clients send.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from router.authentication.fetch import FetchBounds, Fetcher, FetchError
from router.authentication.refusal import cannot_verify
from router.config import IssuerConfig, KeysConfig

_log = structlog.stdlib.get_logger("router.authentication")

RSA_BITS_MIN = 2_048
# (`kty`, `crv`) a key must have to be used with an algorithm; a key of one family verifies no other.
_FAMILIES: Mapping[str, tuple[str, frozenset[str | None]]] = {
    "EdDSA": ("OKP", frozenset({"Ed25519", "Ed448"})),
    "ES256": ("EC", frozenset({"P-256"})),
    "ES384": ("EC", frozenset({"P-384"})),
    "ES512": ("EC", frozenset({"P-521"})),
    **{name + bits: ("RSA", frozenset({None})) for name in ("RS", "PS") for bits in ("256", "384", "512")},
}


class PublicKey:
    """One published key, and which algorithms of its issuer it may be used with."""

    __slots__ = ("algorithms", "key")

    def __init__(self, key: Any, algorithms: frozenset[str]) -> None:
        self.key = key
        self.algorithms = algorithms


class KeySet:
    """The keys of one issuer by `kid`; `clock` gives seconds of any steady clock."""

    def __init__(
        self,
        issuer: IssuerConfig,
        config: KeysConfig,
        clock: Callable[[], float],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._config = config
        self._clock = clock
        bounds = FetchBounds(config.timeout_ms / 1000, config.bytes_max, 1)
        self._fetcher = Fetcher(bounds, transport=transport)
        self._keys: dict[str | None, PublicKey] = {}
        self._tried_at: float | None = None
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """Returns the key of that id if it is for the algorithm; raises ClientError when there are no keys.

        Without an id, the only key of the issuer is meant, if it has only one.
        """
        self._refresh_if_old()
        if self._pick(kid) is None or self._is_out_of_date():
            if self._may_read(self._config.unknown_key_interval_s):
                self._begin_reading()
            if self._reading is not None:
                await asyncio.shield(self._reading)
        if self._is_out_of_date():
            raise cannot_verify()
        key = self._pick(kid)
        return key if key is not None and algorithm in key.algorithms else None

    async def close(self) -> None:
        """Ends a reading under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._fetcher.close()

    def _pick(self, kid: str | None) -> PublicKey | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _may_read(self, interval_s: float) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= interval_s

    def _refresh_if_old(self) -> None:
        age_s = self._config.refresh_s
        if (
            self._read_at is not None
            and self._clock() - self._read_at >= age_s
            and self._may_read(min(age_s, self._config.unknown_key_interval_s))
        ):
            self._begin_reading()

    def _is_out_of_date(self) -> bool:
        if self._read_at is None:
            return True
        return self._clock() - self._read_at > self._config.refresh_s + self._config.stale_s_max

    def _begin_reading(self) -> asyncio.Task[None]:
        if self._reading is None:
            self._tried_at = self._clock()
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._end_reading)
        return self._reading

    def _end_reading(self, _task: asyncio.Task[None]) -> None:
        self._reading = None

    async def _read(self) -> None:
        try:
            keys = _entries(json.loads(await self._load()))
        except (OSError, ValueError, KeyError, TypeError, RecursionError, FetchError) as error:
            # The keys already known stay good for a while; only tokens of unknown keys are refused meanwhile.
            _log.error("an issuer's keys cannot be read", issuer=self._issuer.issuer, error=str(error))
            return
        self._keys = public_keys(keys[: self._config.keys_max], self._issuer.algorithms)
        self._read_at = self._clock()

    async def _load(self) -> bytes | str:
        issuer = self._issuer
        if issuer.jwks is not None:
            return issuer.jwks
        if issuer.jwks_file is not None:
            return await asyncio.to_thread(_read_file, Path(issuer.jwks_file), self._config.bytes_max)
        assert issuer.jwks_url is not None, "an issuer has one of the three"
        status, body = await self._fetcher.fetch(
            "GET", issuer.jwks_url, headers={"accept": "application/json"}
        )
        if status != 200:
            raise FetchError(f"it answered {status}")
        return body


def _entries(key_set: Any) -> list[Any]:
    keys = key_set.get("keys") if isinstance(key_set, dict) else None
    if not isinstance(keys, list):
        raise TypeError("it is no key set")
    return keys


def public_keys(entries: Sequence[Any], algorithms: Sequence[str]) -> dict[str | None, PublicKey]:
    """Returns the usable keys of a key set by id; what is private, secret, weak or of no use is left out."""
    found: dict[str | None, PublicKey] = {}
    for entry in entries:
        key = _public_key(entry, algorithms) if isinstance(entry, dict) else None
        if key is not None:
            kid = entry.get("kid")
            found[kid if isinstance(kid, str) else None] = key
    return found


def _public_key(entry: Mapping[str, Any], algorithms: Sequence[str]) -> PublicKey | None:
    if entry.get("kty") == "oct" or "d" in entry or entry.get("use", "sig") != "sig":
        return None  # a secret has no place in a published key set: whoever reads it could sign
    own = entry.get("alg")
    fitting = frozenset(
        one
        for one in algorithms
        if own in (None, one)
        and _FAMILIES[one][0] == entry.get("kty")
        and entry.get("crv") in _FAMILIES[one][1]
    )
    if not fitting:
        return None
    try:
        key = PyJWK.from_dict(dict(entry), algorithm=min(fitting)).key
    except (PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS_MIN:
        return None
    return PublicKey(key, fitting)


def _read_file(path: Path, bytes_max: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise ValueError(f"more than {bytes_max} bytes")
    return content
