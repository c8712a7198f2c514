"""Coming to an order: as its customer, as staff of its seller, or by a guest's secret."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotAllowed, NotFound
from subgraphs.kit.versions import check_version
from subgraphs.orders.errors import IllegalTransition
from subgraphs.orders.model.order_queries import (
    READ_ORDERS,
    WRITE_ORDERS,
    acts_for_seller,
    find_visible_order,
)
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.service.cart_secrets import hash_secret
from subgraphs.orders.states import ORDER_MACHINE, Actor, OrderStatus


@dataclass(frozen=True, slots=True)
class OrderReference:
    """Which order is meant, the secret if it is a guest's, and the version the caller saw."""

    order_id: UUID | None
    secret: str | None = None
    expected_version: int | None = None


def actor_of(viewer: Viewer, order: OrderRow) -> Actor:
    """Returns what the viewer is to an order they may see; staff who buy at their own shop are staff."""
    is_seller = viewer.organization_id == order.organization_id
    return Actor.STAFF if is_seller and acts_for_seller(viewer, WRITE_ORDERS) else Actor.CUSTOMER


def next_states_for(viewer: Viewer, order: OrderRow) -> list[OrderStatus]:
    """Returns the states the viewer may move an order to that they see; none for who may only read."""
    actor = actor_of(viewer, order)
    reads_as_seller = viewer.organization_id == order.organization_id and acts_for_seller(viewer, READ_ORDERS)
    is_customer = order.customer_id is not None and order.customer_id == viewer.user_id
    if actor is Actor.CUSTOMER and reads_as_seller and not is_customer:
        return []
    return ORDER_MACHINE.next_states(order.status, actor)


async def lock_own_order(
    session: AsyncSession, viewer: Viewer, reference: OrderReference, after: OrderStatus | None = None
) -> tuple[OrderRow, Actor]:
    """Returns the order, held until the transaction ends, and what the viewer is to it.

    With `after`, refuses a step that the machine does not have for this viewer.
    """
    order = None
    if reference.order_id is not None:
        secret_hash = hash_secret(reference.secret)
        order = await find_visible_order(session, viewer, reference.order_id, secret_hash, lock=True)
    if order is None:
        raise NotFound("No such order", field=["input", "orderId"])
    actor = actor_of(viewer, order)
    if actor is Actor.CUSTOMER and not _is_customer(viewer, reference, order):
        raise NotAllowed("You may read this order, not change it", field=["input", "orderId"])
    check_version(order, reference.expected_version)
    if after is not None and not ORDER_MACHINE.allows(order.status, after, actor):
        raise IllegalTransition(f"An order that is {order.status.value} cannot become {after.value} now")
    return order, actor


def _is_customer(viewer: Viewer, reference: OrderReference, order: OrderRow) -> bool:
    if order.customer_id is not None:
        return order.customer_id == viewer.user_id and not viewer.is_service
    return order.secret_hash is not None and order.secret_hash == hash_secret(reference.secret)
