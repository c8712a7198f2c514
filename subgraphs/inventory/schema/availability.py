"""The catalogue's Product and ProductVariant, told what is in stock.

`organizationId` is the catalogue's answer and is required for all of it: stock that another organization
booked under the same variant counts for nothing, and what the catalogue hides has no stock to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.inventory.model.availability_queries import Availability, Owned
from subgraphs.inventory.model.reconciliation_queries import Discrepancy
from subgraphs.inventory.model.tables import StockLevelRow
from subgraphs.inventory.schema.access import STAFF_READ
from subgraphs.inventory.schema.loaders import (
    load_product_availability,
    load_reserved,
    load_variant_availability,
    load_variant_levels,
    load_warehouses,
    reader_organization,
)
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.kit import fields
from subgraphs.kit.asking import asks
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation
from subgraphs.kit.ids import read_id
from subgraphs.kit.loaders import LoadFunction

INT_MAX = 2**31 - 1
"""GraphQL's Int; a product of many variants can have more."""

_OWNER = ["organizationId"]


@strawberry.enum(description="Whether one can buy.")
class StockStatus(Enum):
    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    OUT_OF_STOCK = "out_of_stock"


def _quantity(availability: Availability | None) -> int | None:
    return min(availability.quantity, INT_MAX) if availability is not None else None


def _status(availability: Availability | None) -> StockStatus | None:
    if availability is None:
        return None
    if availability.quantity <= 0:
        return StockStatus.OUT_OF_STOCK
    return StockStatus.IN_STOCK if availability.is_ample else StockStatus.LOW_STOCK


def _owned(organization_id: str | None, id_: str | None) -> Owned | None:
    owner, own_id = read_id(organization_id or ""), read_id(id_ or "")
    return (owner, own_id) if owner is not None and own_id is not None else None


async def _load_asked(info: Info, load: LoadFunction[Availability], owned: Sequence[Owned | None]) -> None:
    """Loads the availability of all of them at once where it is asked for, so that no field waits."""
    if asks(info, "availableQuantity", "stockStatus"):
        await info.context.loaders.get(load).load_now(each for each in owned if each is not None)


@federation.type(keys=["id"])
class Product:
    owned: strawberry.Private[Owned | None]
    id: strawberry.ID
    organization_id: strawberry.ID = federation.field(external=True)

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Product | None]:
        """Returns a stub for each representation; the catalogue knows whether there is such a product."""
        owned = [_owned(each.get("organizationId"), each.get("id")) for each in representations]
        await _load_asked(info, load_product_availability, owned)
        return [
            cls(owned=own, id=each["id"], organization_id=each.get("organizationId", ""))
            if own is not None or read_id(each.get("id", "")) is not None
            else None
            for own, each in zip(owned, representations, strict=True)
        ]

    @federation.field(requires=_OWNER, description="How many can be bought, over all variants.")
    async def available_quantity(self, info: Info) -> int | None:
        return _quantity(await self._availability(info))

    @federation.field(
        requires=_OWNER,
        description="LOW_STOCK when no variant has more than its threshold, OUT_OF_STOCK when none has any.",
    )
    async def stock_status(self, info: Info) -> StockStatus | None:
        return _status(await self._availability(info))

    async def _availability(self, info: Info) -> Availability | None:
        key = self.owned
        return await info.context.loaders.get(load_product_availability).load(key) if key else None


@federation.type(keys=["id"])
class ProductVariant:
    owned: strawberry.Private[Owned | None]
    id: strawberry.ID
    organization_id: strawberry.ID = federation.field(external=True)

    @classmethod
    def of(cls, organization_id: UUID, variant_id: UUID) -> ProductVariant:
        """Returns the stub of a variant in an organization's stock."""
        return cls(
            owned=(organization_id, variant_id),
            id=strawberry.ID(str(variant_id)),
            organization_id=strawberry.ID(str(organization_id)),
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[ProductVariant | None]:
        """Returns a stub for each representation; the catalogue knows whether there is such a variant."""
        owned = [_owned(each.get("organizationId"), each.get("id")) for each in representations]
        await _load_asked(info, load_variant_availability, owned)
        return [
            cls(owned=own, id=each["id"], organization_id=each.get("organizationId", ""))
            if own is not None or read_id(each.get("id", "")) is not None
            else None
            for own, each in zip(owned, representations, strict=True)
        ]

    @federation.field(requires=_OWNER, description="How many can be bought.")
    async def available_quantity(self, info: Info) -> int | None:
        return _quantity(await self._availability(info))

    @federation.field(requires=_OWNER, description="LOW_STOCK at the threshold or below it.")
    async def stock_status(self, info: Info) -> StockStatus | None:
        return _status(await self._availability(info))

    @fields.guarded(
        allow=STAFF_READ,
        requires=_OWNER,
        description="The stock in each warehouse; for staff of the organization that sells the variant.",
    )
    async def stock_levels(self, info: Info) -> list[StockLevel] | None:
        key = self.owned
        if key is None or key[0] != reader_organization(info.context):
            return None
        rows = await info.context.loaders.get(load_variant_levels).load(key[1])
        return [StockLevel.of(row) for row in rows]

    async def _availability(self, info: Info) -> Availability | None:
        key = self.owned
        return await info.context.loaders.get(load_variant_availability).load(key) if key else None


@strawberry.type(description="A level that disagrees with the movements or reservations behind it.")
class StockDiscrepancy:
    variant: ProductVariant
    warehouse_id: strawberry.ID
    on_hand: int
    on_hand_by_movements: int
    reserved: int
    reserved_by_lines: int
    allocated: int
    allocated_by_lines: int

    @classmethod
    def of(cls, organization_id: UUID, found: Discrepancy) -> StockDiscrepancy:
        """Returns the discrepancy as staff see it."""
        return cls(
            variant=ProductVariant.of(organization_id, found.variant_id),
            warehouse_id=strawberry.ID(str(found.warehouse_id)),
            on_hand=found.on_hand,
            on_hand_by_movements=found.on_hand_by_movements,
            reserved=found.reserved,
            reserved_by_lines=found.reserved_by_lines,
            allocated=found.allocated,
            allocated_by_lines=found.allocated_by_lines,
        )


@strawberry.type(description="A variant's stock in one warehouse.")
class StockLevel:
    row: strawberry.Private[StockLevelRow]
    id: strawberry.ID
    variant: ProductVariant
    on_hand: int = strawberry.field(description="On the shelf: the sum of all movements.")
    allocated: int = strawberry.field(description="Promised for good to orders that were placed.")

    @classmethod
    def of(cls, row: StockLevelRow) -> StockLevel:
        """Returns the level as staff see it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            variant=ProductVariant.of(row.organization_id, row.variant_id),
            on_hand=row.on_hand,
            allocated=row.allocated,
        )

    @strawberry.field
    async def warehouse(self, info: Info) -> Warehouse:
        found = await info.context.loaders.get(load_warehouses).load(self.row.warehouse_id)
        assert found is not None, "a level stands in a warehouse of its own organization"
        return Warehouse.of(found)

    @strawberry.field(description="Put aside by reservations that have not expired.")
    async def reserved(self, info: Info) -> int:
        return await info.context.loaders.get(load_reserved).load(self.row.id)

    @strawberry.field(description="On hand, less what is allocated and reserved.")
    async def available(self, info: Info) -> int:
        return self.on_hand - self.allocated - await self.reserved(info)
