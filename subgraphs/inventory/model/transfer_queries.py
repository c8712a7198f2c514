"""SQL over transfers and their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.arrays import ID, NUMBER, rows_of
from subgraphs.inventory.model.tables import StockItemRow, StockTransferLineRow, StockTransferRow
from subgraphs.kit.ids import new_id
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader

Arrivals = Mapping[UUID, tuple[int, int]]
"""For each line's id, how many more were received and how many returned."""


_TRANSFER, _LINE = RowReader(StockTransferRow), RowReader(StockTransferLineRow)
_TRANSFERS = Listed(
    _TRANSFER.select().where(StockTransferRow.organization_id == bindparam("organization_id", type_=Uuid())),
    _TRANSFER,
)
_BY_IDS = PreparedSelect(_TRANSFERS.statement.where(one_of(StockTransferRow.id, "ids")), _TRANSFER)
_LINES = PreparedSelect(
    _LINE.select()
    .where(one_of(StockTransferLineRow.transfer_id, "transfer_ids"))
    .order_by(StockTransferLineRow.transfer_id, StockTransferLineRow.variant_id)
    .execution_options(populate_existing=True),
    _LINE,
)


def transfers_of_organization(organization_id: UUID | None) -> Listed[StockTransferRow]:
    """Returns an organization's transfers."""
    return _TRANSFERS.given(organization_id=organization_id)


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
        select(StockTransferRow)
        .where(StockTransferRow.organization_id == organization_id, StockTransferRow.id == transfer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def lines_of_transfers(
    session: AsyncSession, transfer_ids: Collection[UUID]
) -> Sequence[StockTransferLineRow]:
    """Returns the transfers' lines as they stand now, in the order of their variants."""
    return await _LINES.all(session, transfer_ids=list(transfer_ids))


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
    found = await _BY_IDS.all(session, organization_id=organization_id, ids=ids)
    return {row.id: row for row in found}
