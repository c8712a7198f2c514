"""Rules for headers, in both directions."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from router.config.section import Section

HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,100}")
HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]{0,4000}")
_PATTERN = re.compile(r"[a-z0-9!#$%&'+.^_`|~*-]{1,100}")
# What the edge itself reads, or what belongs to a connection: a rule about these would change who is let in.
UNTOUCHABLE = frozenset(
    {
        "accept",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "origin",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-for",
    }
)


class RequestHeadersConfig(Section):
    """What is done to a client's headers before anything below the edge sees them, in this order.

    What is sent on to a subgraph is then chosen by `propagate_headers`.
    """

    remove: tuple[str, ...] = Field(default=(), max_length=100)
    """Names, in which `*` stands for any characters: `x-internal-*`. No regular expressions: some take time
    that doubles with each character a client sends."""
    rename: dict[str, str] = Field(default_factory=dict, max_length=100)
    """The client's name of a header: the name it goes on under, in place of any the client sent by it."""
    insert: dict[str, str] = Field(default_factory=dict, max_length=100)
    """In place of any the client sent."""

    @field_validator("remove")
    @classmethod
    def _check_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if not _PATTERN.fullmatch(pattern) or pattern.count("*") > 3:
                raise ValueError(f"{pattern!r} is no lower-case name with at most three *")
        return patterns

    @model_validator(mode="after")
    def _check_names(self) -> RequestHeadersConfig:
        for name in (*self.rename, *self.rename.values(), *self.insert):
            _check_name(name)
        for name, value in self.insert.items():
            _check_value(name, value)
        return self


def check_response_headers(headers: dict[str, str | None]) -> dict[str, str | None]:
    """Returns the headers; raises ValueError for one that cannot be set."""
    for name, value in headers.items():
        _check_name(name)
        if value is not None:
            _check_value(name, value)
        if name.startswith("access-control-") or name in {"vary", "set-cookie", "x-request-id"}:
            raise ValueError(f"{name!r} is written by the router itself")
    return headers


def _check_name(name: str) -> None:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no header's name in lower case")
    if name in UNTOUCHABLE:
        raise ValueError(f"{name!r} belongs to the connection or to the edge")


def _check_value(name: str, value: str) -> None:
    if not HEADER_VALUE.fullmatch(value):
        raise ValueError(f"the value of {name!r} is not one line of Latin-1")
