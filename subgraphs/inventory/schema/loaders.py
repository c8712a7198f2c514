"""What the fields load, a batch in a statement; rows of other organizations are never found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from subgraphs.inventory.model.availability_queries import (
    NOTHING,
    Availability,
    Owned,
    availability_of_products,
    availability_of_variants,
)
from subgraphs.inventory.model.reading_queries import (
    levels_by_variants,
    movements_by_ids,
    reservations_by_ids,
    reserved_by_levels,
)
from subgraphs.inventory.model.reservation_queries import lines_of_reservations
from subgraphs.inventory.model.tables import (
    ReservationLineRow,
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
    StockTransferLineRow,
    StockTransferRow,
    WarehouseRow,
)
from subgraphs.inventory.model.transfer_queries import lines_of_transfers, transfers_by_ids
from subgraphs.inventory.model.warehouse_queries import warehouses_by_ids
from subgraphs.inventory.schema.access import READ
from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order


def reader_organization(context: RequestContext) -> UUID | None:
    """Returns the organization whose stock the viewer may read, None for shoppers."""
    viewer = context.viewer
    return viewer.organization_id if viewer.may(READ) else None


async def load_variant_availability(context: RequestContext, keys: Sequence[Owned]) -> list[Availability]:
    """Loads what can be bought of each (organization, variant)."""
    variant_ids = {variant_id for _, variant_id in keys}
    found = await availability_of_variants(context.session, variant_ids, context.clock.now())
    return [found.get(key, NOTHING) for key in keys]


async def load_product_availability(context: RequestContext, keys: Sequence[Owned]) -> list[Availability]:
    """Loads what can be bought of each (organization, product)."""
    product_ids = {product_id for _, product_id in keys}
    found = await availability_of_products(context.session, product_ids, context.clock.now())
    return [found.get(key, NOTHING) for key in keys]


async def load_variant_levels(
    context: RequestContext, variant_ids: Sequence[UUID]
) -> list[list[StockLevelRow]]:
    """Loads the levels of each variant in the viewer's own organization."""
    by_variant: dict[UUID, list[StockLevelRow]] = defaultdict(list)
    organization_id = reader_organization(context)
    for level in await levels_by_variants(context.session, organization_id, variant_ids):
        by_variant[level.variant_id].append(level)
    return [by_variant[variant_id] for variant_id in variant_ids]


async def load_reserved(context: RequestContext, level_ids: Sequence[UUID]) -> list[int]:
    """Loads what live reservations hold of levels the viewer was given."""
    found = await reserved_by_levels(context.session, level_ids, context.clock.now())
    return [found.get(level_id, 0) for level_id in level_ids]


async def load_warehouses(context: RequestContext, ids: Sequence[UUID]) -> list[WarehouseRow | None]:
    """Loads warehouses."""
    return in_order(ids, await warehouses_by_ids(context.session, reader_organization(context), ids))


async def load_movements(context: RequestContext, ids: Sequence[UUID]) -> list[StockMovementRow | None]:
    """Loads movements."""
    return in_order(ids, await movements_by_ids(context.session, reader_organization(context), ids))


async def load_reservations(context: RequestContext, ids: Sequence[UUID]) -> list[ReservationRow | None]:
    """Loads reservations."""
    return in_order(ids, await reservations_by_ids(context.session, reader_organization(context), ids))


async def load_transfers(context: RequestContext, ids: Sequence[UUID]) -> list[StockTransferRow | None]:
    """Loads transfers."""
    return in_order(ids, await transfers_by_ids(context.session, reader_organization(context), ids))


async def load_transfer_lines(
    context: RequestContext, transfer_ids: Sequence[UUID]
) -> list[list[StockTransferLineRow]]:
    """Loads the lines of transfers the viewer was given."""
    by_transfer: dict[UUID, list[StockTransferLineRow]] = defaultdict(list)
    for line in await lines_of_transfers(context.session, transfer_ids):
        by_transfer[line.transfer_id].append(line)
    return [by_transfer[each] for each in transfer_ids]


async def load_reservation_lines(
    context: RequestContext, reservation_ids: Sequence[UUID]
) -> list[list[ReservationLineRow]]:
    """Loads the lines of reservations the viewer was given."""
    by_reservation: dict[UUID, list[ReservationLineRow]] = defaultdict(list)
    for line in await lines_of_reservations(context.session, reservation_ids):
        by_reservation[line.reservation_id].append(line)
    return [by_reservation[each] for each in reservation_ids]
