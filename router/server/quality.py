"""Quality values of Accept headers (RFC 9110 section 12.4.2)."""

from __future__ import annotations


def parse_quality(text: str) -> float:
    """Returns the weight from 0 to 1; what is not a number weighs nothing."""
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return min(max(quality, 0.0), 1.0)


def parse_ranges(header: str) -> list[tuple[str, float]]:
    """Returns the lower-case ranges of an Accept header with their weights, in its order."""
    return [_parse_range(part) for part in header.lower().split(",") if part.strip()]


def _parse_range(text: str) -> tuple[str, float]:
    pattern, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return pattern, parse_quality(value.strip())
    return pattern, 1.0
