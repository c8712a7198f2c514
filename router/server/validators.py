"""ETags: a client that has an answer is told so instead of being sent it again (RFC 9110 section 8.8).

They are weak, because one answer goes out in several encodings.
"""

from __future__ import annotations

from hashlib import blake2b

_DIGEST_BYTES = 16


def etag_of(body: bytes, media: bytes) -> bytes:
    """Returns the validator of a response body in one media type."""
    digest = blake2b(body, digest_size=_DIGEST_BYTES, key=media[:64])
    return b'W/"%b"' % digest.hexdigest().encode()


def is_known(if_none_match: str | None, etag: bytes) -> bool:
    """Whether the client says that it has the answer with this validator."""
    if if_none_match is None:
        return False
    opaque = etag.decode().removeprefix("W/")
    known = {entry.strip().removeprefix("W/") for entry in if_none_match.split(",")}
    return "*" in known or opaque in known
