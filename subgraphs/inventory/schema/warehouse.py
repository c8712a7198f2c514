"""Warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import federation

from subgraphs.inventory.model.tables import WarehouseRow
from subgraphs.inventory.schema.loaders import load_warehouses
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities


@federation.type(keys=["id"], description="A place where goods lie; seen by its organization's staff.")
class Warehouse:
    id: strawberry.ID
    organization_id: strawberry.ID
    code: str
    name: str
    wilaya: int = strawberry.field(description="The official code of the wilaya: 16 is Algiers.")
    priority: int = strawberry.field(description="Orders are served from the lowest number first.")
    is_active: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: WarehouseRow) -> Warehouse:
        """Returns the warehouse as staff see it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            code=row.code,
            name=row.name,
            wilaya=row.wilaya,
            priority=row.priority,
            is_active=row.is_active,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Warehouse | None]:
        """Returns the viewer's own warehouses, None for others'."""
        return await load_entities(info.context.loaders.get(load_warehouses), representations, cls.of)
