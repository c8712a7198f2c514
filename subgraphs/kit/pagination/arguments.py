"""The four Relay arguments, checked."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.kit.errors import BadUserInput

PAGE_SIZE_MAX = 100
PAGE_SIZE_DEFAULT = 20


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Which slice of a list is wanted: `size` items forward from the start, or backward from the end."""

    size: int
    after: str | None = None
    before: str | None = None
    backward: bool = False

    @classmethod
    def of(
        cls,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> PageArguments:
        """Returns the slice, or raises BadUserInput for sizes no page may have."""
        if first is not None and last is not None:
            raise BadUserInput("Ask for `first` or for `last`, not for both")
        name, size = ("last", last) if last is not None else ("first", first)
        if size is None:
            size = PAGE_SIZE_DEFAULT
        if size < 0:
            raise BadUserInput(f"`{name}` cannot be negative")
        if size > PAGE_SIZE_MAX:
            raise BadUserInput(f"`{name}` is at most {PAGE_SIZE_MAX}", maximum=PAGE_SIZE_MAX)
        return cls(size, after, before, backward=last is not None)
