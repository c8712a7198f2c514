"""What staff ask about their organization's stock."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.inventory.model.reading_queries import (
    levels_of_organization,
    movements_of_organization,
    reservations_of_organization,
)
from subgraphs.inventory.model.reconciliation_queries import find_discrepancies
from subgraphs.inventory.model.tables import (
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
    StockTransferRow,
    WarehouseRow,
)
from subgraphs.inventory.model.transfer_queries import transfers_of_organization
from subgraphs.inventory.model.warehouse_queries import matches_search, warehouses_of_organization
from subgraphs.inventory.schema import lists
from subgraphs.inventory.schema.access import STAFF_READ
from subgraphs.inventory.schema.availability import StockDiscrepancy, StockLevel
from subgraphs.inventory.schema.loaders import load_warehouses
from subgraphs.inventory.schema.transfers import StockTransfer
from subgraphs.inventory.schema.types import Reservation, StockMovement
from subgraphs.inventory.schema.warehouse import Warehouse
from subgraphs.inventory.service.acting import own_organization
from subgraphs.kit import fields
from subgraphs.kit.context import Info
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.page import fetch_page


@strawberry.type
class Query:
    @fields.query(allow=STAFF_READ)
    async def warehouse(self, info: Info, id: strawberry.ID) -> Warehouse | None:
        warehouse_id = read_id(id)
        if warehouse_id is None:
            return None
        row = await info.context.loaders.get(load_warehouses).load(warehouse_id)
        return Warehouse.of(row) if row is not None else None

    @fields.listing(allow=STAFF_READ)
    async def warehouses(
        self,
        info: Info,
        page: PageArguments,
        where: lists.WarehouseWhere | None = None,
        order_by: list[lists.WarehouseOrder] | None = None,
        search: str | None = None,
    ) -> Connection[Warehouse]:
        listed = warehouses_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, lists.WAREHOUSE_COLUMNS), *matches_search(search)
        )
        default = [SortKey("priority", WarehouseRow.priority)]
        keyset = keyset_of(order_by, lists.WAREHOUSE_ORDER, WarehouseRow.id, default)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Warehouse.of)

    @fields.listing(allow=STAFF_READ)
    async def stock_levels(
        self,
        info: Info,
        page: PageArguments,
        where: lists.StockLevelWhere | None = None,
        order_by: list[lists.StockLevelOrder] | None = None,
    ) -> Connection[StockLevel]:
        listed = levels_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, lists.LEVEL_COLUMNS)
        )
        keyset = keyset_of(order_by, lists.LEVEL_ORDER, StockLevelRow.id)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), StockLevel.of)

    @fields.listing(allow=STAFF_READ, description="The newest first unless told.")
    async def stock_movements(
        self,
        info: Info,
        page: PageArguments,
        where: lists.StockMovementWhere | None = None,
        order_by: list[lists.StockMovementOrder] | None = None,
    ) -> Connection[StockMovement]:
        listed = movements_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, lists.MOVEMENT_COLUMNS)
        )
        default = [SortKey("occurred_at", StockMovementRow.occurred_at, descending=True)]
        keyset = keyset_of(order_by, lists.MOVEMENT_ORDER, StockMovementRow.id, default)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), StockMovement.of)

    @fields.listing(allow=STAFF_READ, description="The newest first.")
    async def stock_transfers(
        self, info: Info, page: PageArguments, where: lists.StockTransferWhere | None = None
    ) -> Connection[StockTransfer]:
        listed = transfers_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, lists.TRANSFER_COLUMNS)
        )
        default = [SortKey("created_at", StockTransferRow.created_at, descending=True)]
        keyset = keyset_of(None, {}, StockTransferRow.id, default)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), StockTransfer.of)

    @fields.query(
        allow=STAFF_READ,
        description="The levels that disagree with the movements and reservations behind them: none.",
    )
    async def stock_discrepancies(self, info: Info) -> list[StockDiscrepancy]:
        organization_id = own_organization(info.context.viewer)
        found = await find_discrepancies(info.context.session, organization_id)
        return [StockDiscrepancy.of(organization_id, each) for each in found]

    @fields.listing(allow=STAFF_READ, description="The newest first unless told.")
    async def reservations(
        self,
        info: Info,
        page: PageArguments,
        where: lists.ReservationWhere | None = None,
        order_by: list[lists.ReservationOrder] | None = None,
    ) -> Connection[Reservation]:
        columns = lists.reservation_columns(info.context.clock.now())
        listed = reservations_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, columns)
        )
        default = [SortKey("created_at", ReservationRow.created_at, descending=True)]
        keyset = keyset_of(order_by, lists.RESERVATION_ORDER, ReservationRow.id, default)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Reservation.of)
