"""What staff do with their organization's stock."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from uuid import UUID

import strawberry

from subgraphs.inventory.model.reading_queries import movements_by_ids
from subgraphs.inventory.schema.access import STAFF_WRITE
from subgraphs.inventory.schema.availability import ProductVariant
from subgraphs.inventory.schema.inputs import (
    StockAdjustInput,
    StockBulkReceiveInput,
    StockReceiveInput,
    StockThresholdSetInput,
    WarehouseCreateInput,
    WarehouseUpdateInput,
)
from subgraphs.inventory.schema.payloads import (
    StockBulkReceivePayload,
    StockMovementPayload,
    StockThresholdSetPayload,
    WarehousePayload,
)
from subgraphs.inventory.schema.types import StockMovement
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.inventory.service.adjust_stock import adjust_stock
from subgraphs.inventory.service.create_warehouse import create_warehouse
from subgraphs.inventory.service.receive_stock import Receipt, receive_stock
from subgraphs.inventory.service.set_threshold import set_threshold
from subgraphs.inventory.service.update_warehouse import update_warehouse
from subgraphs.kit import fields
from subgraphs.kit.context import Info
from subgraphs.kit.idempotency import IdempotentRequest, once


@strawberry.type
class StaffMutations:
    @fields.mutation(allow=STAFF_WRITE)
    async def warehouse_create(self, info: Info, input: WarehouseCreateInput) -> WarehousePayload:
        context = info.context
        row = await create_warehouse(context.session, context.viewer, input.to_draft(), context.clock.now())
        return WarehousePayload(warehouse=Warehouse.of(row))

    @fields.mutation(allow=STAFF_WRITE)
    async def warehouse_update(
        self, info: Info, id: strawberry.ID, input: WarehouseUpdateInput
    ) -> WarehousePayload:
        context = info.context
        change = input.to_change(id)
        row = await update_warehouse(context.session, context.viewer, change, context.clock.now())
        return WarehousePayload(warehouse=Warehouse.of(row))

    @fields.mutation(allow=STAFF_WRITE, description="Books goods that came in.")
    async def stock_receive(self, info: Info, input: StockReceiveInput) -> StockMovementPayload:
        request = IdempotentRequest.of(info.context.viewer, "stockReceive", input.idempotency_key, input)
        (movement,) = await _receive_once(info, request, input.to_receipt())
        return StockMovementPayload(movement=movement)

    @fields.mutation(allow=STAFF_WRITE, description="Books a delivery of up to 500 rows: all, or none.")
    async def stock_bulk_receive(self, info: Info, input: StockBulkReceiveInput) -> StockBulkReceivePayload:
        request = IdempotentRequest.of(info.context.viewer, "stockBulkReceive", input.idempotency_key, input)
        return StockBulkReceivePayload(movements=await _receive_once(info, request, input.to_receipt()))

    @fields.mutation(
        allow=STAFF_WRITE,
        description="Corrects the books. The movement is null when the count agrees with them.",
    )
    async def stock_adjust(self, info: Info, input: StockAdjustInput) -> StockMovementPayload:
        context = info.context
        request = IdempotentRequest.of(context.viewer, "stockAdjust", input.idempotency_key, input)

        async def effect() -> list[str]:
            adjustment = input.to_adjustment()
            made = await adjust_stock(context.session, context.viewer, adjustment, context.clock.now())
            return [str(made)] if made is not None else []

        movements = await _movements(info, await once(context.session, request, effect))
        return StockMovementPayload(movement=movements[0] if movements else None)

    @fields.mutation(allow=STAFF_WRITE, description="Says from how many on the variant counts as low.")
    async def stock_threshold_set(
        self, info: Info, input: StockThresholdSetInput
    ) -> StockThresholdSetPayload:
        context = info.context
        item = await set_threshold(
            context.session, context.viewer, input.variant_id, input.threshold, context.clock.now()
        )
        return StockThresholdSetPayload(variant=ProductVariant.of(item.organization_id, item.variant_id))


async def _receive_once(info: Info, request: IdempotentRequest, receipt: Receipt) -> list[StockMovement]:
    context = info.context

    async def effect() -> list[str]:
        made = await receive_stock(context.session, context.viewer, receipt, context.clock.now())
        return [str(movement_id) for movement_id in made]

    return await _movements(info, await once(context.session, request, effect))


async def _movements(info: Info, ids: list[str]) -> list[StockMovement]:
    keys = [UUID(each) for each in ids]
    found = await movements_by_ids(info.context.session, info.context.viewer.organization_id, keys)
    return [StockMovement.of(found[key]) for key in keys]
