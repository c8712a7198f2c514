"""What mutations take."""

from __future__ import annotations

import strawberry

from subgraphs.inventory.schema.enums import StockAdjustmentReason
from subgraphs.inventory.service.adjust_stock import Adjustment
from subgraphs.inventory.service.amounts import Line
from subgraphs.inventory.service.create_warehouse import WarehouseDraft
from subgraphs.inventory.service.receive_stock import Receipt, ReceiptRow
from subgraphs.inventory.service.reserve_stock import ReservationDraft
from subgraphs.inventory.service.update_warehouse import WarehouseChange


@strawberry.input
class WarehouseCreateInput:
    code: str = strawberry.field(description="Unique in the organization.")
    name: str
    wilaya: int = strawberry.field(description="The official code of the wilaya: 16 is Algiers.")
    priority: int = strawberry.field(
        description="Orders are served from the lowest number first.", default=100
    )

    def to_draft(self) -> WarehouseDraft:
        """Returns what the use-case takes."""
        return WarehouseDraft(self.code, self.name, self.wilaya, self.priority)


@strawberry.input
class WarehouseUpdateInput:
    name: str | None = None
    wilaya: int | None = None
    priority: int | None = None
    is_active: bool | None = strawberry.field(
        description="A warehouse is closed when nothing lies in it or is on its way.", default=None
    )
    expected_version: int | None = None

    def to_change(self, warehouse_id: str) -> WarehouseChange:
        """Returns what the use-case takes."""
        return WarehouseChange(
            warehouse_id, self.name, self.wilaya, self.priority, self.is_active, self.expected_version
        )


@strawberry.input
class StockReceiveInput:
    idempotency_key: str
    warehouse_id: strawberry.ID
    variant_id: strawberry.ID
    product_id: strawberry.ID = strawberry.field(description="The product the variant belongs to.")
    quantity: int
    reference: str | None = strawberry.field(
        description="The delivery note, or whatever came with the goods.", default=None
    )
    is_return: bool = strawberry.field(description="Whether a customer sent the goods back.", default=False)

    def to_receipt(self) -> Receipt:
        """Returns what the use-case takes."""
        row = ReceiptRow(self.warehouse_id, self.variant_id, self.product_id, self.quantity, ("input",))
        return Receipt([row], self.reference, self.is_return)


@strawberry.input
class StockReceiveRowInput:
    warehouse_id: strawberry.ID
    variant_id: strawberry.ID
    product_id: strawberry.ID
    quantity: int


@strawberry.input
class StockBulkReceiveInput:
    idempotency_key: str
    rows: list[StockReceiveRowInput] = strawberry.field(description="At most 500; all are received, or none.")
    reference: str | None = None

    def to_receipt(self) -> Receipt:
        """Returns what the use-case takes."""
        rows = [
            ReceiptRow(
                row.warehouse_id,
                row.variant_id,
                row.product_id,
                row.quantity,
                ("input", "rows", str(index)),
            )
            for index, row in enumerate(self.rows)
        ]
        return Receipt(rows, self.reference)


@strawberry.input
class StockAdjustInput:
    idempotency_key: str
    warehouse_id: strawberry.ID
    variant_id: strawberry.ID
    product_id: strawberry.ID | None = strawberry.field(
        description="Needed for a variant that never was in stock.", default=None
    )
    delta: int | None = strawberry.field(description="How many more or fewer there are.", default=None)
    counted: int | None = strawberry.field(
        description="How many were counted, instead of `delta`.", default=None
    )
    reason: StockAdjustmentReason
    note: str | None = None

    def to_adjustment(self) -> Adjustment:
        """Returns what the use-case takes."""
        return Adjustment(
            self.warehouse_id,
            self.variant_id,
            self.product_id,
            self.delta,
            self.counted,
            self.reason,
            self.note,
        )


@strawberry.input
class StockThresholdSetInput:
    variant_id: strawberry.ID
    threshold: int = strawberry.field(description="The stock is low when no more than this is available.")


@strawberry.input
class StockLineInput:
    variant_id: strawberry.ID
    quantity: int

    def to_line(self) -> Line:
        """Returns what the use-case takes."""
        return Line(self.variant_id, self.quantity)


@strawberry.input
class StockReserveInput:
    idempotency_key: str
    reference: strawberry.ID = strawberry.field(description="The order or cart; it has one reservation.")
    organization_id: strawberry.ID = strawberry.field(description="Whose stock; staff name their own.")
    lines: list[StockLineInput] = strawberry.field(description="All are reserved, or none.")
    expires_in_seconds: int = 900

    def to_draft(self) -> ReservationDraft:
        """Returns what the use-case takes."""
        lines = [line.to_line() for line in self.lines]
        return ReservationDraft(self.reference, self.organization_id, self.expires_in_seconds, lines)


@strawberry.input
class StockReferenceInput:
    idempotency_key: str
    reference: strawberry.ID
