"""The model's words, declared to the graph once; the rest of the schema takes them from here."""

from __future__ import annotations

import strawberry

from subgraphs.inventory.model.states import (
    ReservationStatus,
    StockAdjustmentReason,
    StockMovementKind,
    StockTransferStatus,
)

__all__ = ["ReservationStatus", "StockAdjustmentReason", "StockMovementKind", "StockTransferStatus"]

for _words in (ReservationStatus, StockAdjustmentReason, StockMovementKind, StockTransferStatus):
    strawberry.enum(_words)
