"""Changes a client's headers by the rules of the settings, before anything below the edge sees them."""

from __future__ import annotations

import re

from router.config import RequestHeadersConfig

_ANY = r"[^\r\n]*"


class HeaderRules:
    """The rules, compiled once."""

    def __init__(self, config: RequestHeadersConfig) -> None:
        exact = {name for name in config.remove if "*" not in name}
        patterns = [name for name in config.remove if "*" in name]
        texts = (_ANY.join(map(re.escape, one.split("*"))) for one in patterns)
        self._removed = frozenset(exact)
        self._pattern = re.compile("|".join(texts)) if patterns else None
        self._renamed = dict(config.rename)
        self._inserted = dict(config.insert)

    def apply(self, headers: dict[str, str]) -> None:
        """Changes the headers in place."""
        if self._removed or self._pattern is not None:
            for name in [name for name in headers if self._is_removed(name)]:
                del headers[name]
        # Nobody gets a name from a client that a rule gives: that would forge what the rule vouches for.
        values = {name: headers.pop(name, None) for name in self._renamed}
        for name in self._renamed.values():
            headers.pop(name, None)
        for name, value in values.items():
            if value is not None:
                headers[self._renamed[name]] = value
        headers.update(self._inserted)

    def _is_removed(self, name: str) -> bool:
        if name in self._removed:
            return True
        return self._pattern is not None and self._pattern.fullmatch(name) is not None


def open_header_rules(config: RequestHeadersConfig) -> HeaderRules | None:
    """Returns the rules; None when there are none."""
    return HeaderRules(config) if config.remove or config.rename or config.insert else None
