"""Making a parcel of what was ordered, never of more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotAllowed, NotFound
from subgraphs.kit.idempotency import IdempotentRequest, once
from subgraphs.kit.ids import new_id
from subgraphs.orders.errors import AlreadyFulfilled, IllegalTransition
from subgraphs.orders.model.order_changes import add_fulfilled
from subgraphs.orders.model.order_queries import lines_by_orders
from subgraphs.orders.model.tables import FulfillmentLineRow, FulfillmentRow, OrderLineRow, OrderRow
from subgraphs.orders.service.own_order import OrderReference, lock_own_order
from subgraphs.orders.service.parcels import record_parcel
from subgraphs.orders.states import Actor, FulfillmentStatus, OrderStatus


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """Which order, which of its lines and how many; without lines, all that is left of it."""

    order: OrderReference
    lines: Sequence[tuple[UUID | None, int]]
    carrier: str | None
    tracking_number: str | None
    idempotency_key: str
    body: Any


async def create_fulfillment(
    session: AsyncSession, viewer: Viewer, draft: ParcelDraft, now: datetime
) -> FulfillmentRow:
    """Returns the new parcel."""
    request = IdempotentRequest.of(viewer, "fulfillmentCreate", draft.idempotency_key, draft.body)

    async def effect() -> str:
        order = await _lock_confirmed_order(session, viewer, draft.order)
        wanted = _wanted_of(draft, (await lines_by_orders(session, [order.id]))[order.id])
        parcel = FulfillmentRow(
            id=new_id(),
            order_id=order.id,
            organization_id=order.organization_id,
            status=FulfillmentStatus.PREPARING,
            carrier=draft.carrier,
            tracking_number=draft.tracking_number,
        )
        session.add(parcel)
        await session.flush()
        await _fill(session, parcel, wanted)
        await record_parcel(session, viewer, order, parcel, now)
        return str(parcel.id)

    parcel_id = await once(session, request, effect)
    return await session.get_one(FulfillmentRow, UUID(parcel_id))


async def _lock_confirmed_order(session: AsyncSession, viewer: Viewer, reference: OrderReference) -> OrderRow:
    order, actor = await lock_own_order(session, viewer, reference)
    if actor is not Actor.STAFF:
        raise NotAllowed("The seller makes the parcels", field=["input", "orderId"])
    if order.status is not OrderStatus.CONFIRMED:
        raise IllegalTransition(f"Parcels are made of confirmed orders; this one is {order.status.value}")
    return order


def _wanted_of(draft: ParcelDraft, lines: Sequence[OrderLineRow]) -> dict[UUID, int]:
    if not draft.lines:
        rest = {line.id: line.quantity - line.fulfilled_quantity for line in lines}
        wanted = {line_id: quantity for line_id, quantity in rest.items() if quantity}
        if not wanted:
            raise AlreadyFulfilled("Everything of this order stands in parcels")
        return wanted
    known = {line.id for line in lines}
    counted: Counter[UUID] = Counter()
    for line_id, quantity in draft.lines:
        if line_id not in known or line_id is None:
            raise NotFound("No such line in this order", field=["input", "lines", "lineId"])
        if quantity < 1:
            raise InvalidInput("A parcel holds at least one piece", field=["input", "lines", "quantity"])
        counted[line_id] += quantity
    return dict(counted)


async def _fill(session: AsyncSession, parcel: FulfillmentRow, wanted: dict[UUID, int]) -> None:
    for line_id in sorted(wanted):
        if not await add_fulfilled(session, line_id, wanted[line_id]):
            raise AlreadyFulfilled("That is more than was ordered", field=["input", "lines"])
        row = FulfillmentLineRow(fulfillment_id=parcel.id, order_line_id=line_id, quantity=wanted[line_id])
        session.add(row)
    await session.flush()
