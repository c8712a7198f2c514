"""Goods on their way between warehouses."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.inventory.model.tables import StockTransferLineRow, StockTransferRow
from subgraphs.inventory.model.transfer_queries import transfers_by_ids
from subgraphs.inventory.schema.access import STAFF_WRITE
from subgraphs.inventory.schema.availability import ProductVariant
from subgraphs.inventory.schema.enums import StockTransferStatus
from subgraphs.inventory.schema.inputs import StockLineInput
from subgraphs.inventory.schema.loaders import load_transfer_lines, load_transfers, load_warehouses
from subgraphs.inventory.schema.payloads import InventoryError, no_errors
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.receive_transfer import Arrival, receive_transfer
from subgraphs.inventory.service.send_transfer import TransferDraft, send_transfer
from subgraphs.kit import fields
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.idempotency import IdempotentRequest, once


@strawberry.type(description="How much of a variant a transfer carries.")
class StockTransferLine:
    variant: ProductVariant
    quantity: int
    received: int
    returned: int
    in_transit: int = strawberry.field(description="Still on its way; nobody can buy it.")

    @classmethod
    def of(cls, organization_id: UUID, row: StockTransferLineRow) -> StockTransferLine:
        """Returns the line as staff see it."""
        return cls(
            variant=ProductVariant.of(organization_id, row.variant_id),
            quantity=row.quantity,
            received=row.received,
            returned=row.returned,
            in_transit=row.quantity - row.received - row.returned,
        )


@federation.type(keys=["id"], description="Goods on their way from one warehouse to another.")
class StockTransfer:
    row: strawberry.Private[StockTransferRow]
    id: strawberry.ID
    status: StockTransferStatus
    note: str | None
    version: int
    created_at: datetime

    @classmethod
    def of(cls, row: StockTransferRow) -> StockTransfer:
        """Returns the transfer as staff see it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            status=row.status,
            note=row.note,
            version=row.version,
            created_at=row.created_at,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[StockTransfer | None]:
        """Returns transfers of the viewer's own organization, None for others'."""
        return await load_entities(info.context.loaders.get(load_transfers), representations, cls.of)

    @strawberry.field
    async def from_warehouse(self, info: Info) -> Warehouse | None:
        found = await info.context.loaders.get(load_warehouses).load(self.row.from_warehouse_id)
        return Warehouse.of(found) if found is not None else None

    @strawberry.field
    async def to_warehouse(self, info: Info) -> Warehouse | None:
        found = await info.context.loaders.get(load_warehouses).load(self.row.to_warehouse_id)
        return Warehouse.of(found) if found is not None else None

    @strawberry.field
    async def lines(self, info: Info) -> list[StockTransferLine]:
        rows = await info.context.loaders.get(load_transfer_lines).load(self.row.id)
        return [StockTransferLine.of(self.row.organization_id, row) for row in rows]


@strawberry.input
class StockTransferInput:
    idempotency_key: str
    from_warehouse_id: strawberry.ID
    to_warehouse_id: strawberry.ID
    lines: list[StockLineInput] = strawberry.field(description="All are sent, or none.")
    note: str | None = None

    def to_draft(self) -> TransferDraft:
        """Returns what the use-case takes."""
        lines = [line.to_line() for line in self.lines]
        return TransferDraft(self.from_warehouse_id, self.to_warehouse_id, lines, self.note)


@strawberry.input
class StockTransferArrivalInput:
    idempotency_key: str
    transfer_id: strawberry.ID
    lines: list[StockLineInput] | None = strawberry.field(
        description="What has come; all that is on its way unless given.", default=None
    )

    def to_arrival(self, *, comes_back: bool) -> Arrival:
        """Returns what the use-case takes."""
        lines = [line.to_line() for line in self.lines] if self.lines is not None else None
        return Arrival(self.transfer_id, lines, comes_back)


@strawberry.type
class StockTransferPayload:
    transfer: StockTransfer | None = None
    user_errors: list[InventoryError] = strawberry.field(default_factory=no_errors)


@strawberry.type
class TransferMutations:
    @fields.mutation(allow=STAFF_WRITE, description="Sends goods; they are in transit until received.")
    async def stock_transfer(self, info: Info, input: StockTransferInput) -> StockTransferPayload:
        context = info.context
        request = IdempotentRequest.of(context.viewer, "stockTransfer", input.idempotency_key, input)

        async def effect() -> str:
            draft = input.to_draft()
            return str((await send_transfer(context.session, context.viewer, draft, context.clock.now())).id)

        return await _payload_once(info, request, effect)

    @fields.mutation(allow=STAFF_WRITE, description="Books goods of a transfer that have arrived.")
    async def stock_transfer_receive(
        self, info: Info, input: StockTransferArrivalInput
    ) -> StockTransferPayload:
        return await _arrive(info, "stockTransferReceive", input, comes_back=False)

    @fields.mutation(allow=STAFF_WRITE, description="Books goods of a transfer that have come back.")
    async def stock_transfer_return(
        self, info: Info, input: StockTransferArrivalInput
    ) -> StockTransferPayload:
        return await _arrive(info, "stockTransferReturn", input, comes_back=True)


async def _arrive(
    info: Info, mutation: str, input: StockTransferArrivalInput, *, comes_back: bool
) -> StockTransferPayload:
    context = info.context
    request = IdempotentRequest.of(context.viewer, mutation, input.idempotency_key, input)

    async def effect() -> str:
        arrival = input.to_arrival(comes_back=comes_back)
        row = await receive_transfer(context.session, context.viewer, arrival, context.clock.now())
        return str(row.id)

    return await _payload_once(info, request, effect)


async def _payload_once(
    info: Info, request: IdempotentRequest, effect: Callable[[], Awaitable[str]]
) -> StockTransferPayload:
    session = info.context.session
    transfer_id = UUID(await once(session, request, effect))
    found = await transfers_by_ids(session, own_organization(info.context.viewer), [transfer_id])
    return StockTransferPayload(transfer=StockTransfer.of(found[transfer_id]))
