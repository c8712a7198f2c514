"""Identity's public keys as the other services know them, re-read when a token names an unknown key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from subgraphs.kit.auth.keys import public_jwks, read_signing_key
from subgraphs.kit.clock import Clock
from subgraphs.kit.http_client import HttpCallError, call_http
from subgraphs.kit.settings import KitSettings

REFRESH_INTERVAL_S = 10.0
FETCH_TIMEOUT_S = 5.0

log = structlog.get_logger(__name__)


class KeySet:
    """Public keys by `kid`.

    An unknown `kid` makes the source be read again, at most once per interval, so that forged key ids
    cannot turn every request into a fetch.
    """

    def __init__(self, settings: KitSettings, clock: Clock) -> None:
        self._source = _source_of(settings)
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def find(self, kid: str) -> Ed25519PublicKey | None:
        """Returns the key of that id, or None."""
        key = self._keys.get(kid)
        if key is not None or not self._may_read():
            return key
        async with self._reading:
            if self._may_read():
                await self._read()
        return self._keys.get(kid)

    def _may_read(self) -> bool:
        now = self._clock.now().timestamp()
        return self._read_at is None or now - self._read_at >= REFRESH_INTERVAL_S

    async def _read(self) -> None:
        self._read_at = self._clock.now().timestamp()
        try:
            self._keys = _public_keys(await _load(self._source))
        except (OSError, ValueError, KeyError, PyJWTError, HttpCallError) as error:
            # The keys already known stay good; only tokens of an unknown key are refused meanwhile.
            log.warning("jwks_unreadable", reason=str(error))


def published_jwks(settings: KitSettings) -> dict[str, Any]:
    """Returns the keys identity publishes: that of its signing key, and those it signed with before."""
    keys: list[Any] = json.loads(settings.retired_jwks)["keys"] if settings.retired_jwks else []
    if settings.signing_key is not None:
        keys = [*public_jwks(read_signing_key(settings.signing_key).public_key())["keys"], *keys]
    return {"keys": keys}


def _source_of(settings: KitSettings) -> str:
    if settings.jwks is not None:
        return settings.jwks
    return json.dumps(published_jwks(settings))


async def _load(source: str) -> Mapping[str, Any]:
    if source.lstrip().startswith("{"):
        return json.loads(source)
    if source.startswith(("http://", "https://")):
        answer = await call_http("GET", source, timeout_s=FETCH_TIMEOUT_S)
        return json.loads(answer.body)
    return json.loads(await asyncio.to_thread(Path(source).read_text, "utf-8"))


def _public_keys(jwks: Mapping[str, Any]) -> dict[str, Ed25519PublicKey]:
    keys: dict[str, Ed25519PublicKey] = {}
    for entry in jwks["keys"]:
        if entry.get("kty") != "OKP" or entry.get("crv") != "Ed25519" or "kid" not in entry:
            continue  # another algorithm's key is not ours to trust
        key = PyJWK.from_dict(entry, algorithm="EdDSA").key
        if isinstance(key, Ed25519PublicKey):
            keys[entry["kid"]] = key
    return keys
