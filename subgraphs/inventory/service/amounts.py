"""Quantities as callers give them: bounded, and each variant once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.errors import DomainError, InvalidInput, Refusals
from subgraphs.kit.ids import read_id

QUANTITY_MAX = 1_000_000
LEVEL_MAX = 1_000_000_000
LINES_MAX = 200
REFERENCE_LENGTH_MAX = 200
NOTE_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a variant."""

    variant_id: str
    quantity: int


def merge_lines(lines: Sequence[Line], lines_max: int = LINES_MAX) -> Mapping[UUID, int]:
    """Returns how many are wanted of each variant; several lines of one variant are one amount.

    Raises all faults of all lines together.
    """
    if not 1 <= len(lines) <= lines_max:
        raise InvalidInput(f"Give 1 to {lines_max} lines", field=["input", "lines"])
    faults: list[DomainError] = []
    wanted: Counter[UUID] = Counter()
    for index, line in enumerate(lines):
        place = ["input", "lines", str(index)]
        variant_id = read_id(line.variant_id)
        if variant_id is None:
            faults.append(InvalidInput("This is no variant's id", field=[*place, "variantId"]))
        elif fault := quantity_fault(line.quantity, [*place, "quantity"]):
            faults.append(fault)
        else:
            wanted[variant_id] += line.quantity
    if faults:
        raise Refusals(faults)
    return wanted


def quantity_fault(quantity: int, field: Sequence[str]) -> InvalidInput | None:
    """Returns what is wrong with the quantity of goods that move."""
    if 1 <= quantity <= QUANTITY_MAX:
        return None
    return InvalidInput(f"A quantity is 1 to {QUANTITY_MAX}", field=field)


def check_text(text: str, name: str, length_max: int) -> str:
    """Returns the text without space around it, or raises InvalidInput when nothing or too much is left."""
    stripped = text.strip()
    if not stripped or len(stripped) > length_max or "\x00" in stripped:
        raise InvalidInput(f"`{name}` has 1 to {length_max} characters", field=["input", name])
    return stripped


def check_optional_text(text: str | None, name: str, length_max: int) -> str | None:
    """Returns the text as `check_text` does, None for one that is absent or blank."""
    return check_text(text, name, length_max) if text is not None and text.strip() else None
