"""What our services, and staff in their place, do with reservations."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.reservation_queries import lock_reservation_by_id
from subgraphs.inventory.model.tables import ReservationRow
from subgraphs.inventory.schema.access import RESERVING
from subgraphs.inventory.schema.inputs import StockReferenceInput, StockReserveInput
from subgraphs.inventory.schema.payloads import (
    StockCommitPayload,
    StockReleasePayload,
    StockReservePayload,
    StockShipPayload,
)
from subgraphs.inventory.schema.types import Reservation
from subgraphs.inventory.service.acting import service_request
from subgraphs.inventory.service.commit_stock import commit_stock
from subgraphs.inventory.service.release_stock import release_stock
from subgraphs.inventory.service.reserve_stock import reserve_stock
from subgraphs.inventory.service.ship_stock import ship_stock
from subgraphs.kit import fields
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.context import Info
from subgraphs.kit.idempotency import IdempotentRequest, once

ByReference = Callable[[AsyncSession, Viewer, str, datetime], Awaitable[ReservationRow | None]]


@strawberry.type
class ReservationMutations:
    @fields.mutation(
        allow=RESERVING,
        description="Puts all lines aside for a while, or none of them. Asked again for the same reference, "
        "it replaces the lines and sets the time anew.",
    )
    async def stock_reserve(self, info: Info, input: StockReserveInput) -> StockReservePayload:
        context = info.context
        request = service_request(context.viewer, "stockReserve", input.idempotency_key, input)

        async def effect() -> str:
            draft = input.to_draft()
            return str((await reserve_stock(context.session, context.viewer, draft, context.clock.now())).id)

        return StockReservePayload(reservation=await _reservation_once(info, request, effect))

    @fields.mutation(allow=RESERVING, description="Makes a reservation a permanent allocation.")
    async def stock_commit(self, info: Info, input: StockReferenceInput) -> StockCommitPayload:
        reservation = await _by_reference(info, "stockCommit", input, commit_stock)
        return StockCommitPayload(reservation=reservation)

    @fields.mutation(allow=RESERVING, description="Gives a reservation's or allocation's stock back, once.")
    async def stock_release(self, info: Info, input: StockReferenceInput) -> StockReleasePayload:
        reservation = await _by_reference(info, "stockRelease", input, release_stock)
        return StockReleasePayload(reservation=reservation)

    @fields.mutation(allow=RESERVING, description="Books that allocated goods have left.")
    async def stock_ship(self, info: Info, input: StockReferenceInput) -> StockShipPayload:
        reservation = await _by_reference(info, "stockShip", input, ship_stock)
        return StockShipPayload(reservation=reservation)


async def _by_reference(
    info: Info, mutation: str, input: StockReferenceInput, act: ByReference
) -> Reservation | None:
    context = info.context
    request = service_request(context.viewer, mutation, input.idempotency_key, input)

    async def effect() -> str | None:
        row = await act(context.session, context.viewer, input.reference, context.clock.now())
        return str(row.id) if row is not None else None

    return await _reservation_once(info, request, effect)


async def _reservation_once(
    info: Info, request: IdempotentRequest, effect: Callable[[], Awaitable[str | None]]
) -> Reservation | None:
    session = info.context.session
    reservation_id = await once(session, request, effect)
    if reservation_id is None:
        return None
    # The key is the caller's own, so what it led to is theirs to see.
    row = await lock_reservation_by_id(session, UUID(reservation_id))
    return Reservation.of(row) if row is not None else None
