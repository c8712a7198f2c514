"""Optimistic locking: a change names the version it was made from."""

from __future__ import annotations

from subgraphs.kit.errors import Conflict
from subgraphs.kit.tables import Versioned


def check_version(row: Versioned, expected: int | None) -> None:
    """Raises Conflict when the row has moved on since the caller read it; None means "whatever is there"."""
    if expected is not None and row.version != expected:
        raise Conflict(
            f"Changed meanwhile: version is {row.version}, not {expected}", field=["expectedVersion"]
        )
