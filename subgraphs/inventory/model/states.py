"""The closed sets of words in inventory's tables, and how they are stored."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Dialect, Text, TypeDecorator

E = TypeVar("E", bound=Enum)


class StockMovementKind(Enum):
    """Why goods moved."""

    RECEIPT = "receipt"
    RETURN = "return"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    SHIPMENT = "shipment"


class StockAdjustmentReason(Enum):
    """Why the books did not agree with the shelf."""

    COUNT = "count"
    DAMAGE = "damage"
    LOSS = "loss"
    FOUND = "found"
    CORRECTION = "correction"


class ReservationStatus(Enum):
    """Where a reservation stands."""

    ACTIVE = "active"
    COMMITTED = "committed"
    SHIPPED = "shipped"
    RELEASED = "released"
    EXPIRED = "expired"


class Hold(Enum):
    """What a reservation's line still holds of a level."""

    RESERVED = "reserved"
    ALLOCATED = "allocated"
    SHIPPED = "shipped"
    NONE = "none"


class StockTransferStatus(Enum):
    """Where a transfer stands."""

    IN_TRANSIT = "in_transit"
    CLOSED = "closed"


class Word(TypeDecorator[E]):
    """A column of text that holds the values of an enum and gives its members."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Stores the member's value."""
        return None if value is None else value.value

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        """Gives the member back."""
        return None if value is None else self.kind(value)
