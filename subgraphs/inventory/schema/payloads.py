"""What mutations answer."""

from __future__ import annotations

from enum import Enum

import strawberry

from subgraphs.inventory.schema.availability import ProductVariant
from subgraphs.inventory.schema.types import Reservation, StockMovement
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.kit.user_errors import UserError


@strawberry.enum
class InventoryErrorCode(Enum):
    ALREADY_SHIPPED = "ALREADY_SHIPPED"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    REFERENCE_IN_USE = "REFERENCE_IN_USE"
    RESERVATION_EXPIRED = "RESERVATION_EXPIRED"
    RESERVATION_NOT_COMMITTED = "RESERVATION_NOT_COMMITTED"
    RESERVATION_RELEASED = "RESERVATION_RELEASED"
    TRANSFER_CLOSED = "TRANSFER_CLOSED"
    WAREHOUSE_CODE_TAKEN = "WAREHOUSE_CODE_TAKEN"
    WAREHOUSE_INACTIVE = "WAREHOUSE_INACTIVE"
    WAREHOUSE_NOT_EMPTY = "WAREHOUSE_NOT_EMPTY"


@strawberry.type
class InventoryError(UserError):
    code: InventoryErrorCode
    variant_id: strawberry.ID | None = strawberry.field(
        description="Of which variant there is too little.", default=None
    )


def no_errors() -> list[InventoryError]:
    """Returns the errors of a mutation that was carried out."""
    return []


@strawberry.type
class WarehousePayload:
    warehouse: Warehouse | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockMovementPayload:
    movement: StockMovement | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockBulkReceivePayload:
    movements: list[StockMovement] | None = strawberry.field(
        description="In the order of the rows.", default=None
    )
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockThresholdSetPayload:
    variant: ProductVariant | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockReservePayload:
    reservation: Reservation | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockCommitPayload:
    reservation: Reservation | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockReleasePayload:
    reservation: Reservation | None = strawberry.field(
        description="Null when nothing was reserved under the reference.", default=None
    )
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class StockShipPayload:
    reservation: Reservation | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)
