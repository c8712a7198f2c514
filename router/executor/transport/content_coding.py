"""Compression of bodies: gzip and zstd (RFC 9110, section 8.4; RFC 9659), never past a bound."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

from router.executor.transport.failures import ProtocolFault, ResponseTooLargeFault

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# The window a zstd body may ask for is 8 MB, so that no peer can make its reader hold more (RFC 9659).
_ZSTD_OPTIONS: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


_DECODERS: Mapping[str, Callable[[], _Decoder]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "zstd": lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS),
}
_ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0),
    "zstd": lambda body: zstd.compress(body, _ZSTD_LEVEL),
}


def compress(coding: str, body: bytes) -> bytes:
    """Returns `body` in one of the codings "gzip" and "zstd"."""
    return _ENCODERS[coding](body)


def decompress(coding: str, body: bytes, bytes_max: int) -> bytes:
    """Returns the content of a body in the coding its header names, at most `bytes_max` of it.

    Raises ProtocolFault for a coding that was not asked for and for a body that is not in it, and
    ResponseTooLargeFault.
    """
    if coding == "identity":
        return body
    make = _DECODERS.get(coding)
    if make is None:
        raise ProtocolFault(f"the coding {coding!r} was not asked for")
    parts: list[bytes] = []
    room = bytes_max
    while True:  # gzip's members and zstd's frames may follow each other; each takes bytes from the body
        decoder = make()
        parts.append(_decode_part(decoder, body, room))
        room -= len(parts[-1])
        body = decoder.unused_data
        if not body:
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _decode_part(decoder: _Decoder, body: bytes, room: int) -> bytes:
    try:
        # A byte more than there is room for, so that a content of exactly that size comes to its end.
        content = decoder.decompress(body, room + 1)
    except (zlib.error, zstd.ZstdError) as error:
        raise ProtocolFault(f"the body cannot be decompressed: {error}") from error
    if len(content) > room:
        raise ResponseTooLargeFault(f"{room} bytes of room, and more to come")
    if not decoder.eof:
        raise ProtocolFault("the compressed body is cut off")
    return content
