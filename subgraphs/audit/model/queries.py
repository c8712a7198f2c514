"""SQL over the copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.audit.model.tables import AuditCopyRow
from subgraphs.kit.pagination.keyset import SortKey

NEWEST_FIRST = SortKey("occurred_at", AuditCopyRow.occurred_at, descending=True)


async def insert_copy(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Writes the copy unless it is there: what was written first stays."""
    await session.execute(insert(AuditCopyRow).values(values).on_conflict_do_nothing())


def copies_of_organization(organization_id: UUID | None) -> Select[AuditCopyRow]:
    """Returns the statement of what was done in the organization."""
    return select(AuditCopyRow).where(AuditCopyRow.organization_id == organization_id)


def touches(table: str | None, row_id: str | None) -> ColumnElement[bool]:
    """Returns the condition of entries that changed the table, or the row of that id in it or in any."""
    wanted: dict[str, Any] = {}
    if table is not None:
        wanted["table"] = table
    if row_id is not None:
        wanted["key"] = {"id": row_id}
    return AuditCopyRow.changes.contains(func.jsonb_build_array(literal(wanted, AuditCopyRow.changes.type)))
