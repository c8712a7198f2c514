"""SQL that reads orders. Who may see which is said here once, by `visible_to`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, cast, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.orders.model.tables import (
    FulfillmentLineRow,
    FulfillmentRow,
    OrderEventRow,
    OrderLineRow,
    OrderRow,
)
from subgraphs.orders.states import FAILED

READ_ORDERS = "orders:read"
WRITE_ORDERS = "orders:write"
INTERNAL = "internal"

NEWEST_FIRST = Keyset(
    [
        SortKey("created_at", OrderRow.created_at, descending=True),
        SortKey("id", OrderRow.id, descending=True),
    ]
)


def visible_to(viewer: Viewer, secret_hash: bytes | None = None) -> ColumnElement[bool]:
    """One's own orders, those of the organization one reads orders for, and a guest's by its secret."""
    rules: list[ColumnElement[bool]] = []
    if viewer.user_id is not None and not viewer.is_service:
        rules.append(OrderRow.customer_id == viewer.user_id)
    if viewer.organization_id is not None and acts_for_seller(viewer, READ_ORDERS):
        rules.append(OrderRow.organization_id == viewer.organization_id)
    if secret_hash is not None:
        rules.append(and_(OrderRow.customer_id.is_(None), OrderRow.secret_hash == secret_hash))
    return or_(false(), *rules)


def acts_for_seller(viewer: Viewer, permission: str) -> bool:
    """Whether the viewer acts for the organization of the token, as its staff or as one of our services."""
    return viewer.may(permission) or (viewer.is_service and viewer.may(INTERNAL))


def orders_of_seller(organization_id: UUID | None) -> Select[OrderRow]:
    """Returns the statement of an organization's orders."""
    return select(OrderRow).where(OrderRow.organization_id == organization_id)


def orders_of_customer(customer_id: UUID, viewer: Viewer) -> Select[OrderRow]:
    """Returns the statement of a user's orders that the viewer may see."""
    return select(OrderRow).where(OrderRow.customer_id == customer_id, visible_to(viewer))


def search_condition(text: str) -> ColumnElement[bool]:
    """Returns the condition that an order's number, recipient, phone or an SKU matches the text."""
    words = text.strip()
    skus = select(OrderLineRow.order_id).where(OrderLineRow.sku.istartswith(words, autoescape=True))
    rules = [
        OrderRow.recipient.icontains(words, autoescape=True),
        OrderRow.phone.contains(words, autoescape=True),
        OrderRow.id.in_(skus),
    ]
    if words.isascii() and words.isdigit() and len(words) <= 18:
        rules.append(OrderRow.number == int(words))
    return or_(*rules)


async def find_visible_order(
    session: AsyncSession,
    viewer: Viewer,
    order_id: UUID,
    secret_hash: bytes | None = None,
    *,
    lock: bool = False,
) -> OrderRow | None:
    """Returns the order if the viewer may see it; locked, it is as it is now."""
    statement = select(OrderRow).where(OrderRow.id == order_id, visible_to(viewer, secret_hash))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


async def visible_orders_by_ids(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, OrderRow]:
    """Returns those of the orders the viewer may see."""
    statement = select(OrderRow).where(OrderRow.id.in_(ids), visible_to(viewer))
    return {row.id: row for row in await session.scalars(statement)}


async def live_orders_by_carts(session: AsyncSession, cart_ids: Sequence[UUID]) -> Mapping[UUID, OrderRow]:
    """Returns the order each cart has become; failed checkouts are none."""
    statement = select(OrderRow).where(OrderRow.cart_id.in_(cart_ids), OrderRow.status.not_in(FAILED))
    return {row.cart_id: row for row in await session.scalars(statement)}


async def lines_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[OrderLineRow]]:
    """Returns the lines of each order in their order."""
    statement = (
        select(OrderLineRow)
        .where(OrderLineRow.order_id.in_(order_ids))
        .order_by(OrderLineRow.order_id, OrderLineRow.position)
    )
    found: dict[UUID, list[OrderLineRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.order_id].append(row)
    return found


async def events_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[OrderEventRow]]:
    """Returns the timeline of each order, the oldest entry first."""
    statement = (
        select(OrderEventRow)
        .where(OrderEventRow.order_id.in_(order_ids))
        .order_by(OrderEventRow.order_id, OrderEventRow.sequence)
    )
    found: dict[UUID, list[OrderEventRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.order_id].append(row)
    return found


async def fulfillments_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[FulfillmentRow]]:
    """Returns the parcels of each order, the oldest first."""
    statement = (
        select(FulfillmentRow).where(FulfillmentRow.order_id.in_(order_ids)).order_by(FulfillmentRow.id)
    )
    found: dict[UUID, list[FulfillmentRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.order_id].append(row)
    return found


async def lines_by_fulfillments(
    session: AsyncSession, fulfillment_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[FulfillmentLineRow]]:
    """Returns what each parcel holds."""
    statement = (
        select(FulfillmentLineRow)
        .where(FulfillmentLineRow.fulfillment_id.in_(fulfillment_ids))
        .order_by(FulfillmentLineRow.order_line_id)
    )
    found: dict[UUID, list[FulfillmentLineRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.fulfillment_id].append(row)
    return found


async def newest_orders_by_customers(
    session: AsyncSession, viewer: Viewer, customer_ids: Sequence[UUID], size: int
) -> Mapping[UUID, Sequence[OrderRow]]:
    """Returns up to `size` orders of each user that the viewer may see, the newest first, all at once."""
    wanted = select(func.unnest(cast(list(customer_ids), ARRAY(Uuid))).label("id")).subquery("wanted")
    newest = (
        select(OrderRow)
        .where(OrderRow.customer_id == wanted.c.id, visible_to(viewer))
        .order_by(*NEWEST_FIRST.order_by())
        .limit(size)
        .lateral("newest")
    )
    order = aliased(OrderRow, newest)
    statement = (
        select(order)
        .select_from(wanted.join(newest, true()))
        .order_by(order.created_at.desc(), order.id.desc())
    )
    found: dict[UUID, list[OrderRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        assert row.customer_id is not None, "the join is on it"
        found[row.customer_id].append(row)
    return found
