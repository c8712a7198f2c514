"""What the fetches of one client request met: for the client's Cache-Control, the response cache, tools."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from router.cache.entry import Token
from router.cache.names import Name
from router.cache.policy import Scope

DETAILS_MAX = 500


@dataclass(slots=True)
class FetchReport:
    """One fetch: how many of each type were hit, missed or served stale."""

    service: str
    fetch: int | None
    types: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, type_name: str, what: str) -> None:
        """Counts one more."""
        counts = self.types.setdefault(type_name, {})
        counts[what] = counts.get(what, 0) + 1

    def to_map(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        return {"service": self.service, "fetch": self.fetch, "types": self.types}


@dataclass(slots=True)
class CacheReport:
    """The smallest age and the strictest scope of everything in the answer, and what it depends on.

    `max_age_s` is None while no fetch reported. `dependencies` are the names with the tokens they carried
    before anything was fetched; None when they cannot be known, so that the answer may not be kept.
    `wants_dependencies` and `wants_details` say who will read them.
    """

    wants_dependencies: bool = False
    wants_details: bool = False
    max_age_s: float | None = None
    scope: Scope = Scope.PUBLIC
    dependencies: dict[Name, Token] | None = field(default_factory=dict)
    fetches: list[FetchReport] = field(default_factory=list)

    def add(self, age_s: float, scope: Scope) -> None:
        """Counts in a part of the answer."""
        self.max_age_s = age_s if self.max_age_s is None else min(self.max_age_s, age_s)
        self.scope = max(self.scope, scope)

    def forbid(self) -> None:
        """Counts in a part that may not be kept."""
        self.add(0.0, Scope.UNSTATED)
        self.dependencies = None

    def depend(self, names: Iterable[Name], tokens: Iterable[Token] | None) -> None:
        """Notes what a part depends on; one name with two tokens was invalidated in between."""
        known = self.dependencies
        if known is None:
            return
        if tokens is None:
            self.dependencies = None
            return
        for name, token in zip(names, tokens, strict=False):
            if known.setdefault(name, token) != token:
                self.dependencies = None
                return

    def begin_fetch(self, service: str, fetch: int | None) -> FetchReport | None:
        """Returns the report of one fetch to fill in; None when nobody will read it."""
        if not self.wants_details or len(self.fetches) >= DETAILS_MAX:
            return None
        report = FetchReport(service, fetch)
        self.fetches.append(report)
        return report
