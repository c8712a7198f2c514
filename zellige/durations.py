"""Durations as people write them: 90s, 15m, 2h, 7d."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def read_duration(written: str | None) -> timedelta | None:
    """Returns the duration, None for none; refuses what is no duration as wrong usage."""
    if written is None:
        return None
    found = _DURATION.fullmatch(written)
    if found is None:
        raise typer.BadParameter(f"{written!r} is no duration; write 90s, 15m, 2h or 7d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})
