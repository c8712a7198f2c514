"""What a contract asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contract:
    """The tags an audience gets and the tags it never gets; where both meet, exclusion wins.

    Without included tags everything is included. `hides_unreachable_types` also hides types that no visible
    field leads to, whose names alone may say too much.
    """

    include_tags: frozenset[str] = frozenset()
    exclude_tags: frozenset[str] = frozenset()
    hides_unreachable_types: bool = True

    def why_not(self, tags: frozenset[str], *, needs_inclusion: bool) -> str | None:
        """Says why an element with these tags is hidden, or None when it is kept."""
        excluded = tags & self.exclude_tags
        if excluded:
            return f"it carries the excluded {_named(excluded)}"
        if needs_inclusion and self.include_tags and not tags & self.include_tags:
            return f"it does not carry the included {_named(self.include_tags)}"
        return None


def _named(tags: frozenset[str]) -> str:
    quoted = " or ".join(f'"{tag}"' for tag in sorted(tags))
    return f"tag {quoted}"
