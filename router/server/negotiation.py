"""Which media type the client sends and which it wants back (GraphQL over HTTP, sections 4 and 6)."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from router.response.codes import ErrorCode
from router.server.quality import parse_quality, parse_ranges
from router.server.refusal import RefusedError

_SEEN_MAX = 256
_EXACT = 3


class MediaType(Enum):
    """What the edge can answer with; the value is the `content-type` it sends."""

    JSON = b"application/json; charset=utf-8"
    GRAPHQL_RESPONSE = b"application/graphql-response+json; charset=utf-8"


class PartsMedia(Enum):
    """What an answer in parts (@defer) is sent as, by the format of its payloads."""

    PREVIOUS = b'multipart/mixed; boundary="-"; deferSpec=20220824'
    CURRENT = b'multipart/mixed; boundary="-"; incrementalSpec=v0.2'


# By the values of deferSpec and incrementalSpec; who names neither gets the current format.
_PARTS = {
    ("20220824", None): PartsMedia.PREVIOUS,
    (None, "v0.2"): PartsMedia.CURRENT,
    (None, None): PartsMedia.CURRENT,
}
_NAMES = {
    MediaType.JSON: "application/json",
    MediaType.GRAPHQL_RESPONSE: "application/graphql-response+json",
}


def negotiate(accept: str | None) -> MediaType:
    """Returns the media type to answer with; raises a 406 RefusedError when there is none.

    A client that takes nothing but parts is refused things in JSON.
    """
    chosen = _choose(accept.strip()) if accept is not None else MediaType.JSON
    if chosen is None and accept is not None and negotiate_parts(accept) is not None:
        return MediaType.JSON
    if chosen is None:
        wanted = " or ".join(_NAMES.values())
        raise RefusedError(f"The Accept header allows neither {wanted}", ErrorCode.NOT_ACCEPTABLE)
    return chosen


@lru_cache(maxsize=_SEEN_MAX)
def _choose(accept: str) -> MediaType | None:
    if not accept:
        return MediaType.JSON
    ranges = parse_ranges(accept)
    plain, graphql = _rank(MediaType.JSON, ranges), _rank(MediaType.GRAPHQL_RESPONSE, ranges)
    if plain[0] == graphql[0] == 0:
        return None
    # A tie in quality goes to the new media type only when the client named it: old clients send `*/*`.
    is_named = graphql[1] == _EXACT and graphql[0] >= plain[0]
    return MediaType.GRAPHQL_RESPONSE if is_named or graphql[0] > plain[0] else MediaType.JSON


@lru_cache(maxsize=_SEEN_MAX)
def negotiate_parts(accept: str) -> PartsMedia | None:
    """Returns the format of answers in parts the client likes best, None when it takes none.

    Only multipart/mixed by name counts: everyone sends `*/*`. Of formats liked equally, the first.
    """
    best: tuple[float, PartsMedia | None] = (0.0, None)
    for text in accept.lower().split(","):
        essence, *parameters = (part.strip() for part in text.split(";"))
        values = {
            name.strip(): value.strip().strip('"')
            for name, _, value in (p.partition("=") for p in parameters)
        }
        media = _PARTS.get((values.get("deferspec"), values.get("incrementalspec")))
        if essence != "multipart/mixed" or media is None or "subscriptionspec" in values:
            continue
        quality = parse_quality(values.get("q", "1"))
        if quality > best[0]:
            best = (quality, media)
    return best[1]


def takes_only_parts(accept: str) -> bool:
    """Whether the client accepts an answer in parts and no whole one."""
    return _choose(accept.strip()) is None and negotiate_parts(accept) is not None


@lru_cache(maxsize=_SEEN_MAX)
def takes_only_streams(accept: str) -> bool:
    """Whether the client accepts an event stream and no answer in JSON."""
    return "text/event-stream" in accept and _choose(accept.replace("*/*", "")) is None


def _rank(media: MediaType, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Returns (quality, closeness) of the closest range that covers `media`; (0, 0) when none does."""
    name = _NAMES[media]
    best = (0.0, 0)
    for pattern, quality in ranges:
        closeness = {name: _EXACT, "application/*": 2, "*/*": 1}.get(pattern, 0)
        if closeness > best[1]:
            best = (quality, closeness)
    return best


def check_content_type(content_type: str | None) -> None:
    """Raises a 415 RefusedError unless the body is said to be JSON in UTF-8."""
    if content_type is None or not _is_json(content_type):
        raise RefusedError("The body must be application/json in UTF-8", ErrorCode.UNSUPPORTED_MEDIA_TYPE)


@lru_cache(maxsize=_SEEN_MAX)
def _is_json(content_type: str) -> bool:
    essence, *parameters = (part.strip() for part in content_type.lower().split(";"))
    charsets = [
        value.strip('"') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"
    ]
    return essence == "application/json" and all(charset in {"utf-8", "utf8"} for charset in charsets)
