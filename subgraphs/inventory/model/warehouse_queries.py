"""SQL over warehouses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.states import StockTransferStatus
from subgraphs.inventory.model.tables import StockLevelRow, StockTransferRow, WarehouseRow
from subgraphs.kit.ids import new_id
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader

SEARCH_WORDS_MAX = 8


_WAREHOUSE = RowReader(WarehouseRow)
_WAREHOUSES = Listed(
    _WAREHOUSE.select().where(WarehouseRow.organization_id == bindparam("organization_id", type_=Uuid())),
    _WAREHOUSE,
)
_BY_IDS = PreparedSelect(_WAREHOUSES.statement.where(one_of(WarehouseRow.id, "ids")), _WAREHOUSE)


def warehouses_of_organization(organization_id: UUID | None) -> Listed[WarehouseRow]:
    """Returns an organization's warehouses."""
    return _WAREHOUSES.given(organization_id=organization_id)


async def insert_warehouse(
    session: AsyncSession, organization_id: UUID, code: str, **values: object
) -> WarehouseRow | None:
    """Returns the new warehouse, or None when the organization has one of this code."""
    statement = (
        insert(WarehouseRow)
        .values(id=new_id(), organization_id=organization_id, code=code, is_active=True, version=1, **values)
        .on_conflict_do_nothing(index_elements=["organization_id", "code"])
        .returning(WarehouseRow)
    )
    return (await session.scalars(statement)).one_or_none()


async def lock_warehouse(
    session: AsyncSession, organization_id: UUID, warehouse_id: UUID
) -> WarehouseRow | None:
    """Returns the organization's warehouse, locked: no goods come in or start their way to it meanwhile."""
    statement = (
        select(WarehouseRow)
        .where(WarehouseRow.organization_id == organization_id, WarehouseRow.id == warehouse_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def share_warehouses(
    session: AsyncSession, organization_id: UUID, warehouse_ids: Collection[UUID]
) -> Mapping[UUID, WarehouseRow]:
    """Returns the organization's warehouses of these ids; none is closed until the transaction ends."""
    statement = (
        select(WarehouseRow)
        .where(WarehouseRow.organization_id == organization_id, WarehouseRow.id.in_(warehouse_ids))
        .order_by(WarehouseRow.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in await session.scalars(statement)}


async def is_in_use(session: AsyncSession, warehouse_id: UUID) -> bool:
    """Whether goods lie in the warehouse or are on their way to or from it."""
    stocked = exists().where(StockLevelRow.warehouse_id == warehouse_id, StockLevelRow.on_hand > 0)
    on_the_way = exists().where(
        or_(
            StockTransferRow.from_warehouse_id == warehouse_id,
            StockTransferRow.to_warehouse_id == warehouse_id,
        ),
        StockTransferRow.status == StockTransferStatus.IN_TRANSIT,
    )
    return bool(await session.scalar(select(or_(stocked, on_the_way))))


async def warehouses_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, WarehouseRow]:
    """Returns the organization's warehouses of these ids."""
    found = await _BY_IDS.all(session, organization_id=organization_id, ids=ids)
    return {row.id: row for row in found}


def matches_search(search: str | None) -> list[ColumnElement[bool]]:
    """Returns the condition that code or name contains every word of the search."""
    words = (search or "").split()[:SEARCH_WORDS_MAX]
    return [
        or_(
            WarehouseRow.code.icontains(word, autoescape=True),
            WarehouseRow.name.icontains(word, autoescape=True),
        )
        for word in words
    ]
