"""The second leg of a transfer: goods arrive, in parts if need be, or what is still on its way comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import TransferClosed
from subgraphs.inventory.events import TransferReceived, TransferReturned
from subgraphs.inventory.model.states import StockMovementKind, StockTransferStatus
from subgraphs.inventory.model.tables import StockTransferRow
from subgraphs.inventory.model.transfer_queries import lines_of_transfers, lock_transfer, note_arrivals
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import Line, merge_lines
from subgraphs.inventory.service.holds import told
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_stock
from subgraphs.inventory.service.movements import Move, move_goods
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import DomainError, InvalidInput, NotFound, Refusals
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import read_id


@dataclass(frozen=True, slots=True)
class Arrival:
    """What has come of a transfer: these lines, or with None all that is still on its way."""

    transfer_id: str
    lines: Sequence[Line] | None = None
    comes_back: bool = False
    """Whether the goods came back to where they were sent from."""


async def receive_transfer(
    session: AsyncSession, viewer: Viewer, arrival: Arrival, now: datetime
) -> StockTransferRow:
    """Returns the transfer, closed when nothing of it is on its way any more.

    Warehouses are not locked: one that goods are on their way to or from cannot be closed.
    """
    row = await _lock_open(session, viewer, arrival.transfer_id)
    lines = {line.variant_id: line for line in await lines_of_transfers(session, [row.id])}
    on_the_way = {
        variant_id: count
        for variant_id, line in lines.items()
        if (count := line.quantity - line.received - line.returned) > 0
    }
    come = on_the_way if arrival.lines is None else merge_lines(arrival.lines)
    _check_on_the_way(come, on_the_way)
    to = row.from_warehouse_id if arrival.comes_back else row.to_warehouse_id
    items = await lock_stock(session, row.organization_id, come.keys(), now)
    kind = StockMovementKind.TRANSFER_IN
    moves = [Move(items[each], to, count, kind, str(row.id)) for each, count in sorted(come.items())]
    await move_goods(session, viewer, moves, now)
    amounts = {
        lines[each].id: (0, count) if arrival.comes_back else (count, 0) for each, count in come.items()
    }
    await note_arrivals(session, amounts)
    if come == on_the_way:
        row.status = StockTransferStatus.CLOSED
        await session.flush()
    await announce_low_stock(session, items, now)
    await record_event(session, _event(viewer, row, come, arrival, now))
    return row


async def _lock_open(session: AsyncSession, viewer: Viewer, given: str) -> StockTransferRow:
    transfer_id = read_id(given)
    row = (
        await lock_transfer(session, own_organization(viewer), transfer_id)
        if transfer_id is not None
        else None
    )
    if row is None:
        raise NotFound("No such transfer", field=["input", "transferId"])
    if row.status is StockTransferStatus.CLOSED:
        raise TransferClosed("Nothing of the transfer is on its way", field=["input", "transferId"])
    return row


def _check_on_the_way(come: Mapping[UUID, int], on_the_way: Mapping[UUID, int]) -> None:
    faults: list[DomainError] = [
        InvalidInput(
            f"{count} of {variant_id} cannot have come, {on_the_way.get(variant_id, 0)} are on their way",
            field=["input", "lines"],
        )
        for variant_id, count in come.items()
        if count > on_the_way.get(variant_id, 0)
    ]
    if faults:
        raise Refusals(faults)


def _event(
    viewer: Viewer, row: StockTransferRow, come: Mapping[UUID, int], arrival: Arrival, now: datetime
) -> TransferReceived | TransferReturned:
    kind = TransferReturned if arrival.comes_back else TransferReceived
    return kind(
        subject=str(row.id),
        occurred_at=now,
        organization_id=row.organization_id,
        from_warehouse_id=row.from_warehouse_id,
        to_warehouse_id=row.to_warehouse_id,
        lines=told(come),
        actor_id=viewer.user_id,
    )
