"""What lists can be narrowed to and sorted by."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry
from sqlalchemy import and_, case, literal
from strawberry import UNSET

from subgraphs.inventory.model.states import Word
from subgraphs.inventory.model.tables import (
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
    StockTransferRow,
    WarehouseRow,
)
from subgraphs.inventory.schema.enums import ReservationStatus, StockMovementKind, StockTransferStatus
from subgraphs.kit.filtering.inputs import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
)
from subgraphs.kit.filtering.ordering import SortDirection
from subgraphs.kit.filtering.where import Columns, logical


@strawberry.input
class WarehouseWhere:
    id: IDFilter | None = UNSET
    code: StringFilter | None = UNSET
    name: StringFilter | None = UNSET
    wilaya: IntFilter | None = UNSET
    is_active: BooleanFilter | None = UNSET
    and_: list[WarehouseWhere] | None = logical("AND")
    or_: list[WarehouseWhere] | None = logical("OR")
    not_: WarehouseWhere | None = logical("NOT")


WAREHOUSE_COLUMNS: Columns = {
    "id": WarehouseRow.id,
    "code": WarehouseRow.code,
    "name": WarehouseRow.name,
    "wilaya": WarehouseRow.wilaya,
    "is_active": WarehouseRow.is_active,
}


@strawberry.enum
class WarehouseOrderField(Enum):
    CODE = "code"
    NAME = "name"
    WILAYA = "wilaya"
    PRIORITY = "priority"


@strawberry.input
class WarehouseOrder:
    field: WarehouseOrderField
    direction: SortDirection = SortDirection.ASC


WAREHOUSE_ORDER = {
    WarehouseOrderField.CODE: WarehouseRow.code,
    WarehouseOrderField.NAME: WarehouseRow.name,
    WarehouseOrderField.WILAYA: WarehouseRow.wilaya,
    WarehouseOrderField.PRIORITY: WarehouseRow.priority,
}


@strawberry.input
class StockLevelWhere:
    variant_id: IDFilter | None = UNSET
    warehouse_id: IDFilter | None = UNSET
    on_hand: IntFilter | None = UNSET
    allocated: IntFilter | None = UNSET
    and_: list[StockLevelWhere] | None = logical("AND")
    or_: list[StockLevelWhere] | None = logical("OR")
    not_: StockLevelWhere | None = logical("NOT")


LEVEL_COLUMNS: Columns = {
    "variant_id": StockLevelRow.variant_id,
    "warehouse_id": StockLevelRow.warehouse_id,
    "on_hand": StockLevelRow.on_hand,
    "allocated": StockLevelRow.allocated,
}


@strawberry.enum
class StockLevelOrderField(Enum):
    ON_HAND = "on_hand"
    ALLOCATED = "allocated"


@strawberry.input
class StockLevelOrder:
    field: StockLevelOrderField
    direction: SortDirection = SortDirection.ASC


LEVEL_ORDER = {
    StockLevelOrderField.ON_HAND: StockLevelRow.on_hand,
    StockLevelOrderField.ALLOCATED: StockLevelRow.allocated,
}


@strawberry.input
class StockMovementWhere:
    variant_id: IDFilter | None = UNSET
    warehouse_id: IDFilter | None = UNSET
    kind: EnumFilter[StockMovementKind] | None = UNSET
    quantity: IntFilter | None = UNSET
    reference: StringFilter | None = UNSET
    occurred_at: DateTimeFilter | None = UNSET
    and_: list[StockMovementWhere] | None = logical("AND")
    or_: list[StockMovementWhere] | None = logical("OR")
    not_: StockMovementWhere | None = logical("NOT")


MOVEMENT_COLUMNS: Columns = {
    "variant_id": StockMovementRow.variant_id,
    "warehouse_id": StockMovementRow.warehouse_id,
    "kind": StockMovementRow.kind,
    "quantity": StockMovementRow.quantity,
    "reference": StockMovementRow.reference,
    "occurred_at": StockMovementRow.occurred_at,
}


@strawberry.enum
class StockMovementOrderField(Enum):
    OCCURRED_AT = "occurred_at"
    QUANTITY = "quantity"


@strawberry.input
class StockMovementOrder:
    field: StockMovementOrderField
    direction: SortDirection = SortDirection.ASC


MOVEMENT_ORDER = {
    StockMovementOrderField.OCCURRED_AT: StockMovementRow.occurred_at,
    StockMovementOrderField.QUANTITY: StockMovementRow.quantity,
}


@strawberry.input
class StockTransferWhere:
    id: IDFilter | None = UNSET
    status: EnumFilter[StockTransferStatus] | None = UNSET
    from_warehouse_id: IDFilter | None = UNSET
    to_warehouse_id: IDFilter | None = UNSET
    and_: list[StockTransferWhere] | None = logical("AND")
    or_: list[StockTransferWhere] | None = logical("OR")
    not_: StockTransferWhere | None = logical("NOT")


TRANSFER_COLUMNS: Columns = {
    "id": StockTransferRow.id,
    "status": StockTransferRow.status,
    "from_warehouse_id": StockTransferRow.from_warehouse_id,
    "to_warehouse_id": StockTransferRow.to_warehouse_id,
}


@strawberry.input
class ReservationWhere:
    reference: StringFilter | None = UNSET
    status: EnumFilter[ReservationStatus] | None = UNSET
    expires_at: DateTimeFilter | None = UNSET
    and_: list[ReservationWhere] | None = logical("AND")
    or_: list[ReservationWhere] | None = logical("OR")
    not_: ReservationWhere | None = logical("NOT")


def reservation_columns(now: datetime) -> Columns:
    """Returns the columns, with the status the clock says and not what the sweeper has come to."""
    lapsed = and_(ReservationRow.status == ReservationStatus.ACTIVE, ReservationRow.expires_at <= now)
    expired = literal(ReservationStatus.EXPIRED, Word(ReservationStatus))
    return {
        "reference": ReservationRow.reference,
        "status": case((lapsed, expired), else_=ReservationRow.status),
        "expires_at": ReservationRow.expires_at,
    }


@strawberry.enum
class ReservationOrderField(Enum):
    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"


@strawberry.input
class ReservationOrder:
    field: ReservationOrderField
    direction: SortDirection = SortDirection.ASC


RESERVATION_ORDER = {
    ReservationOrderField.CREATED_AT: ReservationRow.created_at,
    ReservationOrderField.EXPIRES_AT: ReservationRow.expires_at,
}
