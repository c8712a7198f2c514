"""How often clients may ask."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from router.config.section import Section

By = Literal["ip", "viewer", "organization", "operation", "client"]
_FIELD = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class RateLimitRule(Section):
    """So many operations in a window, counted apart for each combination of what `by` names."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    """Stands in the headers `RateLimit` and `RateLimit-Policy`."""
    by: tuple[By, ...] = Field(min_length=1, max_length=5)
    """A rule does not hold for a request that lacks one of these: an anonymous one has no viewer. Clients
    choose their name, and that of their operation, as they like: use these two beside `ip` or `viewer`."""
    limit: int = Field(ge=1, le=1_000_000_000)
    window_s: int = Field(default=60, ge=1, le=86_400)
    fields: tuple[str, ...] = Field(default=(), max_length=100)
    """Only documents with one of these names count, each time the name stands there: aliases do not make more
    guesses of one request. Names are looked for in the text, so that nothing is parsed."""
    operations: tuple[str, ...] = Field(default=(), max_length=1_000)
    """Only requests with one of these operation names count."""
    clients: tuple[str, ...] = Field(default=(), max_length=1_000)
    """Only requests of these clients, as they call themselves, count."""

    @field_validator("fields")
    @classmethod
    def _refuse_other_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _FIELD.fullmatch(name):
                raise ValueError(f"{name!r} is no field's name, such as login")
        return names


class RateLimitsConfig(Section):
    """Rules that are all counted in one exchange with the counters, before anything is parsed."""

    rules: tuple[RateLimitRule, ...] = Field(default=(), max_length=32)
    """All hold; a request that any of them refuses counts for none."""
    headers: bool = True
    """Tells clients where they stand, by `RateLimit` and `RateLimit-Policy`."""
    client_name_header: str = Field(default="apollographql-client-name", pattern=r"^[a-z0-9-]{1,64}$")
    ipv6_prefix: int = Field(default=64, ge=32, le=128)
    """Addresses of one such network are one client: a household has 2**64 of them."""

    @field_validator("rules")
    @classmethod
    def _refuse_one_name_twice(cls, rules: tuple[RateLimitRule, ...]) -> tuple[RateLimitRule, ...]:
        names = [rule.name for rule in rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules have the same name")
        return rules
