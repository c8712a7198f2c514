"""SQL over warehouses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.states import StockTransferStatus
from subgraphs.inventory.model.tables import StockLevelRow, StockTransferRow, WarehouseRow
from subgraphs.kit.ids import new_id

SEARCH_WORDS_MAX = 8


def warehouses_of_organization(organization_id: UUID | None) -> Select[WarehouseRow]:
    """Returns the statement of an organization's warehouses."""
    return select(WarehouseRow).where(WarehouseRow.organization_id == organization_id)


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
        warehouses_of_organization(organization_id)
        .where(WarehouseRow.id == warehouse_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def share_warehouses(
    session: AsyncSession, organization_id: UUID, warehouse_ids: Collection[UUID]
) -> Mapping[UUID, WarehouseRow]:
    """Returns the organization's warehouses of these ids; none is closed until the transaction ends."""
    statement = (
        warehouses_of_organization(organization_id)
        .where(WarehouseRow.id.in_(warehouse_ids))
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
    statement = warehouses_of_organization(organization_id).where(WarehouseRow.id.in_(ids))
    return {row.id: row for row in await session.scalars(statement)}


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
