"""What happens in inventory, as the other domains and the audit trail hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseCreated(Event):
    """A warehouse was opened; the subject is the warehouse."""

    type: ClassVar[str] = "warehouse.created"

    code: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseChanged(Event):
    """A warehouse was renamed, moved up or down, opened or closed; the subject is the warehouse."""

    type: ClassVar[str] = "warehouse.changed"

    is_active: bool
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMoved(Event):
    """Base of the changes of one variant's stock in one warehouse; the subject is the variant."""

    warehouse_id: UUID
    quantity: int
    movement_id: UUID
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReceived(StockMoved):
    """Goods came in."""

    type: ClassVar[str] = "stock.received"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(StockMoved):
    """Somebody counted or corrected."""

    type: ClassVar[str] = "stock.adjusted"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLow(Event):
    """What is available of a variant fell to its threshold or below; said once until it has risen again."""

    type: ClassVar[str] = "stock.low"

    available: int
    threshold: int


@dataclass(frozen=True, slots=True)
class Amount:
    """So many pieces of a variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEvent(Event):
    """Base of what happens to a reservation, which is the subject."""

    reference: str
    lines: tuple[Amount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(ReservationEvent):
    """Stock was put aside until `expires_at`."""

    type: ClassVar[str] = "stock.reserved"

    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCommitted(ReservationEvent):
    """The reservation became a permanent allocation."""

    type: ClassVar[str] = "stock.committed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(ReservationEvent):
    """The stock is free again: `reason` is "released" or "expired"."""

    type: ClassVar[str] = "stock.released"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShipped(ReservationEvent):
    """The allocated goods left their warehouses."""

    type: ClassVar[str] = "stock.shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent(Event):
    """Base of what happens to a transfer, which is the subject."""

    from_warehouse_id: UUID
    to_warehouse_id: UUID
    lines: tuple[Amount, ...]
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSent(TransferEvent):
    """Goods left one warehouse for another."""

    type: ClassVar[str] = "stock.transfer_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived(TransferEvent):
    """Goods of a transfer arrived."""

    type: ClassVar[str] = "stock.transfer_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReturned(TransferEvent):
    """What was still on its way came back."""

    type: ClassVar[str] = "stock.transfer_returned"
