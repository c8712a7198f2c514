"""Bodies made smaller, for clients that say they can read them (RFC 9110 section 12.5.3)."""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from router.config import CompressionConfig
from router.server.quality import parse_ranges

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SEEN_MAX = 256
_GZIP_WINDOW = 31  # zlib's way to say: with gzip's header and checksum


class Compressor:
    """Compresses after the settings; large bodies in a thread."""

    def __init__(self, config: CompressionConfig) -> None:
        self._config = config
        encoders: Mapping[str, Callable[[bytes], bytes]] = {
            "zstd": lambda body: zstd.compress(body, config.zstd_level),
            "gzip": lambda body: _gzip(body, config.gzip_level),
        }
        self._encoders = {name: encoders[name] for name in config.encodings} if config.enabled else {}
        self._names = tuple(self._encoders)

    @property
    def is_enabled(self) -> bool:
        """Whether anything is ever compressed."""
        return bool(self._names)

    def choose(self, accept_encoding: str | None, size: int) -> str | None:
        """Returns the encoding for a body of that size, None for none."""
        if accept_encoding is None or size < self._config.min_bytes or not self._names:
            return None
        return _choose(accept_encoding, self._names)

    async def compress(self, body: bytes, encoding: str, forms: dict[str, Any] | None = None) -> bytes:
        """Returns the body so encoded; `forms` keeps it for the other requests that share the result."""
        if forms is None:
            return await self._encode(body, encoding)
        work = forms.get(encoding)
        if work is None:
            work = forms[encoding] = asyncio.create_task(self._encode(body, encoding))
        # One of those who wait may be cancelled; the others go on waiting.
        return await asyncio.shield(work)

    async def _encode(self, body: bytes, encoding: str) -> bytes:
        encode = self._encoders[encoding]
        if len(body) < self._config.thread_min_bytes:
            return encode(body)
        return await asyncio.to_thread(encode, body)


@lru_cache(maxsize=_SEEN_MAX)
def _choose(accept_encoding: str, names: tuple[str, ...]) -> str | None:
    weights = dict(parse_ranges(accept_encoding))
    fallback = weights.get("*", 0.0)
    # The body as it is costs nothing, and is welcome unless the header says otherwise.
    best, best_weight = None, weights.get("identity", 0.0)
    for name in names:
        weight = weights.get(name, weights.get("x-gzip", fallback) if name == "gzip" else fallback)
        if weight > 0 and (weight > best_weight or (best is None and weight >= best_weight)):
            best, best_weight = name, weight
    return best


def _gzip(body: bytes, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, _GZIP_WINDOW)
    return compressor.compress(body) + compressor.flush()
