"""Opening a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import WarehouseCodeTaken
from subgraphs.inventory.events import WarehouseCreated
from subgraphs.inventory.model.tables import WarehouseRow
from subgraphs.inventory.model.warehouse_queries import insert_warehouse
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import check_text
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.events.outbox import record_event

CODE_LENGTH_MAX = 40
NAME_LENGTH_MAX = 200
PRIORITY_MAX = 1_000
WILAYA_CODE_MAX = 99
"""Two digits: wilayas are made from time to time, so the bound is the code's and not today's number."""


@dataclass(frozen=True, slots=True)
class WarehouseDraft:
    """A warehouse as it shall be."""

    code: str
    name: str
    wilaya: int
    priority: int


async def create_warehouse(
    session: AsyncSession, viewer: Viewer, draft: WarehouseDraft, now: datetime
) -> WarehouseRow:
    """Returns the new warehouse."""
    organization_id = own_organization(viewer)
    row = await insert_warehouse(
        session,
        organization_id,
        check_text(draft.code, "code", CODE_LENGTH_MAX),
        name=check_text(draft.name, "name", NAME_LENGTH_MAX),
        wilaya=check_wilaya(draft.wilaya),
        priority=check_priority(draft.priority),
    )
    if row is None:
        raise WarehouseCodeTaken("Another warehouse has this code", field=["input", "code"])
    created = WarehouseCreated(
        subject=str(row.id),
        occurred_at=now,
        organization_id=organization_id,
        code=row.code,
        actor_id=viewer.user_id,
    )
    await record_event(session, created)
    return row


def check_wilaya(wilaya: int) -> int:
    """Returns the wilaya's code, or raises InvalidInput."""
    if not 1 <= wilaya <= WILAYA_CODE_MAX:
        raise InvalidInput(f"A wilaya's code is 1 to {WILAYA_CODE_MAX}", field=["input", "wilaya"])
    return wilaya


def check_priority(priority: int) -> int:
    """Returns the priority, or raises InvalidInput."""
    if not 0 <= priority <= PRIORITY_MAX:
        raise InvalidInput(f"A priority is 0 to {PRIORITY_MAX}", field=["input", "priority"])
    return priority
