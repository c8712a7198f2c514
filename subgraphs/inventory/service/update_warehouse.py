"""Changing, closing and reopening a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import WarehouseNotEmpty
from subgraphs.inventory.events import WarehouseChanged
from subgraphs.inventory.model.tables import WarehouseRow
from subgraphs.inventory.model.warehouse_queries import is_in_use, lock_warehouse
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import check_text
from subgraphs.inventory.service.create_warehouse import NAME_LENGTH_MAX, check_priority, check_wilaya
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import read_id
from subgraphs.kit.versions import check_version


@dataclass(frozen=True, slots=True)
class WarehouseChange:
    """What shall be otherwise; None leaves a value as it is."""

    warehouse_id: str
    name: str | None = None
    wilaya: int | None = None
    priority: int | None = None
    is_active: bool | None = None
    expected_version: int | None = None


async def update_warehouse(
    session: AsyncSession, viewer: Viewer, change: WarehouseChange, now: datetime
) -> WarehouseRow:
    """Returns the changed warehouse. One that holds goods cannot be closed: what is available stays so."""
    organization_id = own_organization(viewer)
    warehouse_id = read_id(change.warehouse_id)
    row = await lock_warehouse(session, organization_id, warehouse_id) if warehouse_id is not None else None
    if row is None:
        raise NotFound("No such warehouse", field=["id"])
    check_version(row, change.expected_version)
    if change.is_active is False and row.is_active and await is_in_use(session, row.id):
        raise WarehouseNotEmpty("Move the goods out of the warehouse first", field=["input", "isActive"])
    _apply(row, change)
    await session.flush()
    await session.refresh(row)  # `updated_at` is the database's
    changed = WarehouseChanged(
        subject=str(row.id),
        occurred_at=now,
        organization_id=organization_id,
        is_active=row.is_active,
        actor_id=viewer.user_id,
    )
    await record_event(session, changed)
    return row


def _apply(row: WarehouseRow, change: WarehouseChange) -> None:
    if change.name is not None:
        row.name = check_text(change.name, "name", NAME_LENGTH_MAX)
    if change.wilaya is not None:
        row.wilaya = check_wilaya(change.wilaya)
    if change.priority is not None:
        row.priority = check_priority(change.priority)
    if change.is_active is not None:
        row.is_active = change.is_active
