"""Changes a client's headers by the rules of the settings, before anything below the edge sees them."""

from __future__ import annotations

from router.config import RequestHeadersConfig


class HeaderRules:
    """The rules, compiled once."""

    def __init__(self, config: RequestHeadersConfig) -> None:
        exact = {name for name in config.remove if "*" not in name}
        self._removed = frozenset(exact)
        self._patterns = [name.split("*") for name in config.remove if "*" in name]
        self._renamed = dict(config.rename)
        self._inserted = dict(config.insert)

    def apply(self, headers: dict[str, str]) -> None:
        """Changes the headers in place."""
        if self._removed or self._patterns:
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
        return any(_matches(parts, name) for parts in self._patterns)


def _matches(parts: list[str], name: str) -> bool:
    """Tells whether a name has the parts in their order, the first and the last at its ends.

    Each part is looked for once, from where the one before ended: a regular expression would try every way to
    share the name out among its stars.
    """
    first, *middle, last = parts
    end = len(name) - len(last)
    if not name.startswith(first) or not name.endswith(last):
        return False
    place = len(first)
    for part in middle:
        found = name.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return place <= end


def open_header_rules(config: RequestHeadersConfig) -> HeaderRules | None:
    """Returns the rules; None when there are none."""
    return HeaderRules(config) if config.remove or config.rename or config.insert else None
