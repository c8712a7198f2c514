"""Inventory's part of the graph.

`types` are what it owns, `availability` extends Product and ProductVariant of the catalogue, `inputs` and
`payloads` belong to the mutations; staff mutations, transfers and what our services call stand in files of
their own.
"""

from __future__ import annotations

import strawberry

from subgraphs.inventory.schema.availability import Product, ProductVariant
from subgraphs.inventory.schema.mutations import StaffMutations
from subgraphs.inventory.schema.queries import Query
from subgraphs.inventory.schema.reservation_mutations import ReservationMutations
from subgraphs.inventory.schema.transfers import StockTransfer, TransferMutations
from subgraphs.inventory.schema.types import Reservation, StockMovement, Warehouse
from subgraphs.kit.schema import KitSchema


@strawberry.type
class Mutation(StaffMutations, TransferMutations, ReservationMutations):
    """Everything that changes stock."""


def build_schema() -> KitSchema:
    """Returns inventory's schema."""
    entities = [Product, ProductVariant, Warehouse, StockMovement, StockTransfer, Reservation]
    return KitSchema(query=Query, mutation=Mutation, types=entities)
