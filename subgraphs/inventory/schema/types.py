"""What happened to stock, and what is put aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.inventory.model.tables import ReservationLineRow, ReservationRow, StockMovementRow
from subgraphs.inventory.schema.availability import ProductVariant
from subgraphs.inventory.schema.enums import ReservationStatus, StockAdjustmentReason, StockMovementKind
from subgraphs.inventory.schema.loaders import (
    load_movements,
    load_reservation_lines,
    load_reservations,
    load_warehouses,
)
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities


@federation.type(keys=["id"], description="Goods that came or went; never changed afterwards.")
class StockMovement:
    row: strawberry.Private[StockMovementRow]
    id: strawberry.ID
    variant: ProductVariant
    kind: StockMovementKind
    quantity: int = strawberry.field(description="Positive when goods came in, negative when they left.")
    reason: StockAdjustmentReason | None
    note: str | None
    reference: str | None
    actor_id: strawberry.ID | None
    occurred_at: datetime

    @classmethod
    def of(cls, row: StockMovementRow) -> StockMovement:
        """Returns the movement as staff see it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            variant=ProductVariant.of(row.organization_id, row.variant_id),
            kind=row.kind,
            quantity=row.quantity,
            reason=row.reason,
            note=row.note,
            reference=row.reference,
            actor_id=strawberry.ID(str(row.actor_id)) if row.actor_id is not None else None,
            occurred_at=row.occurred_at,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[StockMovement | None]:
        """Returns movements of the viewer's own organization, None for others'."""
        return await load_entities(info.context.loaders.get(load_movements), representations, cls.of)

    @strawberry.field
    async def warehouse(self, info: Info) -> Warehouse | None:
        found = await info.context.loaders.get(load_warehouses).load(self.row.warehouse_id)
        return Warehouse.of(found) if found is not None else None


@strawberry.type(description="How many of a variant a reservation holds, in one warehouse.")
class ReservationPick:
    row: strawberry.Private[ReservationLineRow]
    variant_id: strawberry.ID
    quantity: int

    @strawberry.field(description="From where the goods will come; staff alone see it.")
    async def warehouse(self, info: Info) -> Warehouse | None:
        found = await info.context.loaders.get(load_warehouses).load(self.row.warehouse_id)
        return Warehouse.of(found) if found is not None else None


@strawberry.type(description="How many of a variant a reservation holds, over all warehouses.")
class ReservationLine:
    variant_id: strawberry.ID
    quantity: int
    picks: list[ReservationPick]

    @classmethod
    def of(cls, rows: Sequence[ReservationLineRow]) -> ReservationLine:
        """Returns the line of rows that are about one variant."""
        variant_id = strawberry.ID(str(rows[0].variant_id))
        picks = [ReservationPick(row=row, variant_id=variant_id, quantity=row.quantity) for row in rows]
        return cls(variant_id=variant_id, quantity=sum(row.quantity for row in rows), picks=picks)


@federation.type(keys=["id"], description="Stock put aside for an order or a cart.")
class Reservation:
    row: strawberry.Private[ReservationRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    reference: strawberry.ID
    expires_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, row: ReservationRow) -> Reservation:
        """Returns the reservation as its maker and staff see it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            reference=strawberry.ID(row.reference),
            expires_at=row.expires_at,
            created_at=row.created_at,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Reservation | None]:
        """Returns reservations of the viewer's own organization, None for others'."""
        return await load_entities(info.context.loaders.get(load_reservations), representations, cls.of)

    @strawberry.field(description="EXPIRED from the moment of `expiresAt` on, committed or released before.")
    def status(self, info: Info) -> ReservationStatus:
        lapsed = self.row.expires_at <= info.context.clock.now()
        if self.row.status is ReservationStatus.ACTIVE and lapsed:
            return ReservationStatus.EXPIRED
        return self.row.status

    @strawberry.field
    async def lines(self, info: Info) -> list[ReservationLine]:
        rows: dict[UUID, list[ReservationLineRow]] = {}
        for row in await info.context.loaders.get(load_reservation_lines).load(self.row.id):
            rows.setdefault(row.variant_id, []).append(row)
        return [ReservationLine.of(of_variant) for of_variant in rows.values()]
