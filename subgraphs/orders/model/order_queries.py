"""SQL that reads orders. Who may see which is said here once, by `visible_to`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader
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


ORDERS = RowReader(OrderRow)


def _grouped(row: type[Any], key: Any, parameter: str, *order: Any) -> PreparedSelect[Any]:
    """Returns the select of the rows that belong to one of many, those of each in their order."""
    reader = RowReader(row)
    statement = reader.select().where(one_of(key, parameter)).order_by(*order)
    return PreparedSelect(statement, reader)


_LINES: PreparedSelect[OrderLineRow] = _grouped(
    OrderLineRow, OrderLineRow.order_id, "ids", OrderLineRow.order_id, OrderLineRow.position
)
_EVENTS: PreparedSelect[OrderEventRow] = _grouped(
    OrderEventRow, OrderEventRow.order_id, "ids", OrderEventRow.order_id, OrderEventRow.sequence
)
_FULFILLMENTS: PreparedSelect[FulfillmentRow] = _grouped(
    FulfillmentRow, FulfillmentRow.order_id, "ids", FulfillmentRow.id
)
_FULFILLMENT_LINES: PreparedSelect[FulfillmentLineRow] = _grouped(
    FulfillmentLineRow, FulfillmentLineRow.fulfillment_id, "ids", FulfillmentLineRow.order_line_id
)

# Of the viewer two things count; what is null meets no order.
_IS_VISIBLE = or_(
    OrderRow.customer_id == bindparam("reader_id", type_=Uuid()),
    OrderRow.organization_id == bindparam("reader_organization_id", type_=Uuid()),
)
_OF_SELLER = Listed(
    ORDERS.select().where(OrderRow.organization_id == bindparam("organization_id", type_=Uuid())),
    ORDERS,
)
_OF_CUSTOMER = Listed(
    ORDERS.select().where(OrderRow.customer_id == bindparam("customer_id", type_=Uuid()), _IS_VISIBLE),
    ORDERS,
)
_VISIBLE_BY_IDS = PreparedSelect(ORDERS.select().where(one_of(OrderRow.id, "ids"), _IS_VISIBLE), ORDERS)
_LIVE_BY_CARTS = PreparedSelect(
    ORDERS.select().where(
        one_of(OrderRow.cart_id, "cart_ids"), *[OrderRow.status != status for status in FAILED]
    ),
    ORDERS,
)


def _newest_by_customers() -> PreparedSelect[OrderRow]:
    wanted = select(func.unnest(bindparam("ids", type_=ARRAY(Uuid()))).label("id")).subquery("wanted")
    newest = (
        ORDERS.select()
        .where(OrderRow.customer_id == wanted.c.id, _IS_VISIBLE)
        .order_by(*NEWEST_FIRST.order_by())
        .limit(bindparam("size", type_=Integer))
        .lateral("newest")
    )
    reader = RowReader(aliased(OrderRow, newest))
    statement = (
        reader.select()
        .select_from(wanted.join(newest, true()))
        .order_by(newest.c.created_at.desc(), newest.c.id.desc())
    )
    return PreparedSelect(statement, reader)


_NEWEST_BY_CUSTOMERS = _newest_by_customers()


def _reader_of(viewer: Viewer) -> dict[str, UUID | None]:
    """Returns the parameters of `_IS_VISIBLE`: the rules of `visible_to` without a secret."""
    acts = acts_for_seller(viewer, READ_ORDERS)
    return {
        "reader_id": None if viewer.is_service else viewer.user_id,
        "reader_organization_id": viewer.organization_id if acts else None,
    }


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


def orders_of_seller(organization_id: UUID | None) -> Listed[OrderRow]:
    """Returns an organization's orders."""
    return _OF_SELLER.given(organization_id=organization_id)


def orders_of_customer(customer_id: UUID, viewer: Viewer) -> Listed[OrderRow]:
    """Returns a user's orders that the viewer may see."""
    return _OF_CUSTOMER.given(customer_id=customer_id, **_reader_of(viewer))


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
    found = await _VISIBLE_BY_IDS.all(session, ids=ids, **_reader_of(viewer))
    return {row.id: row for row in found}


async def live_orders_by_carts(session: AsyncSession, cart_ids: Sequence[UUID]) -> Mapping[UUID, OrderRow]:
    """Returns the order each cart has become; failed checkouts are none."""
    return {row.cart_id: row for row in await _LIVE_BY_CARTS.all(session, cart_ids=cart_ids)}


async def lines_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[OrderLineRow]]:
    """Returns the lines of each order in their order."""
    found: dict[UUID, list[OrderLineRow]] = defaultdict(list)
    for row in await _LINES.all(session, ids=order_ids):
        found[row.order_id].append(row)
    return found


async def events_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[OrderEventRow]]:
    """Returns the timeline of each order, the oldest entry first."""
    found: dict[UUID, list[OrderEventRow]] = defaultdict(list)
    for row in await _EVENTS.all(session, ids=order_ids):
        found[row.order_id].append(row)
    return found


async def fulfillments_by_orders(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[FulfillmentRow]]:
    """Returns the parcels of each order, the oldest first."""
    found: dict[UUID, list[FulfillmentRow]] = defaultdict(list)
    for row in await _FULFILLMENTS.all(session, ids=order_ids):
        found[row.order_id].append(row)
    return found


async def lines_by_fulfillments(
    session: AsyncSession, fulfillment_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[FulfillmentLineRow]]:
    """Returns what each parcel holds."""
    found: dict[UUID, list[FulfillmentLineRow]] = defaultdict(list)
    for row in await _FULFILLMENT_LINES.all(session, ids=fulfillment_ids):
        found[row.fulfillment_id].append(row)
    return found


async def newest_orders_by_customers(
    session: AsyncSession, viewer: Viewer, customer_ids: Sequence[UUID], size: int
) -> Mapping[UUID, Sequence[OrderRow]]:
    """Returns up to `size` orders of each user that the viewer may see, the newest first, all at once."""
    found: dict[UUID, list[OrderRow]] = defaultdict(list)
    ids, reader = list(customer_ids), _reader_of(viewer)
    for row in await _NEWEST_BY_CUSTOMERS.all(session, ids=ids, size=size, **reader):
        assert row.customer_id is not None, "the join is on it"
        found[row.customer_id].append(row)
    return found
