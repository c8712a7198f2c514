"""SQL over transfers and their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.arrays import ID, NUMBER, rows_of
from subgraphs.inventory.model.tables import StockItemRow, StockTransferLineRow, StockTransferRow
from subgraphs.kit.ids import new_id

Arrivals = Mapping[UUID, tuple[int, int]]
"""For each line's id, how many more were received and how many returned."""


def transfers_of_organization(organization_id: UUID | None) -> Select[StockTransferRow]:
    """Returns the statement of an organization's transfers."""
    return select(StockTransferRow).where(StockTransferRow.organization_id == organization_id)


async def insert_lines(
    session: AsyncSession, transfer_id: UUID, amounts: Sequence[tuple[StockItemRow, int]]
) -> None:
    """Writes what the transfer carries."""
    rows = [
        {
            "id": new_id(),
            "transfer_id": transfer_id,
            "stock_item_id": item.id,
            "variant_id": item.variant_id,
            "quantity": quantity,
        }
        for item, quantity in amounts
    ]
    await session.execute(insert(StockTransferLineRow), rows)


async def lock_transfer(
    session: AsyncSession, organization_id: UUID, transfer_id: UUID
) -> StockTransferRow | None:
    """Returns the organization's transfer, locked until the transaction ends."""
    statement = (
        transfers_of_organization(organization_id)
        .where(StockTransferRow.id == transfer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def lines_of_transfers(
    session: AsyncSession, transfer_ids: Collection[UUID]
) -> Sequence[StockTransferLineRow]:
    """Returns the transfers' lines as they stand now, in the order of their variants."""
    statement = (
        select(StockTransferLineRow)
        .where(StockTransferLineRow.transfer_id.in_(transfer_ids))
        .order_by(StockTransferLineRow.transfer_id, StockTransferLineRow.variant_id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def note_arrivals(session: AsyncSession, arrivals: Arrivals) -> None:
    """Adds to what was received and returned of each line; the table refuses more than was sent."""
    rows = [(line_id, *amounts) for line_id, amounts in sorted(arrivals.items())]
    given = rows_of(rows, "given", line_id=ID, received=NUMBER, returned=NUMBER)
    statement = (
        update(StockTransferLineRow)
        .where(StockTransferLineRow.id == given.c.line_id)
        .values(
            received=StockTransferLineRow.received + given.c.received,
            returned=StockTransferLineRow.returned + given.c.returned,
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def transfers_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, StockTransferRow]:
    """Returns the organization's transfers of these ids."""
    statement = transfers_of_organization(organization_id).where(StockTransferRow.id.in_(ids))
    return {row.id: row for row in await session.scalars(statement)}
