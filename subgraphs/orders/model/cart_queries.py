"""SQL over carts and their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader
from subgraphs.orders.model.tables import CartLineRow, CartRow
from subgraphs.orders.states import CartStatus

_LINE = RowReader(CartLineRow)
_LINES = PreparedSelect(
    _LINE.select().where(one_of(CartLineRow.cart_id, "cart_ids")).order_by(CartLineRow.position),
    _LINE,
)


async def find_own_cart(
    session: AsyncSession, viewer: Viewer, cart_id: UUID, secret_hash: bytes | None, *, lock: bool = False
) -> CartRow | None:
    """Returns the cart if it is the viewer's, or a guest's whose secret was shown."""
    statement = select(CartRow).where(CartRow.id == cart_id, _owned_by(viewer, secret_hash))
    if lock:
        statement = statement.with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def lines_by_carts(
    session: AsyncSession, cart_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[CartLineRow]]:
    """Returns the lines of each cart in the order they were added."""
    found: dict[UUID, list[CartLineRow]] = defaultdict(list)
    for row in await _LINES.all(session, cart_ids=cart_ids):
        found[row.cart_id].append(row)
    return found


async def reopen_cart(session: AsyncSession, cart_id: UUID) -> None:
    """Opens the cart of a checkout that failed."""
    statement = (
        update(CartRow)
        .where(CartRow.id == cart_id, CartRow.status == CartStatus.CHECKED_OUT)
        .values(status=CartStatus.OPEN, version=CartRow.version + 1)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def set_line_prices(session: AsyncSession, cart: CartRow, prices: Mapping[UUID, int]) -> None:
    """Writes the present prices into the lines of the variants."""
    for line in (await lines_by_carts(session, [cart.id])).get(cart.id, ()):
        if line.variant_id in prices:
            line.unit_price_minor = prices[line.variant_id]


async def delete_expired_carts(session: AsyncSession, now: datetime, limit: int) -> int:
    """Deletes open carts past their time, a bounded number at once, and returns how many."""
    expired = (
        select(CartRow.id)
        .where(CartRow.status == CartStatus.OPEN, CartRow.expires_at <= now)
        .order_by(CartRow.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = delete(CartRow).where(CartRow.id.in_(expired)).returning(CartRow.id)
    deleted = await session.execute(statement.execution_options(synchronize_session=False))
    return len(deleted.all())


def _owned_by(viewer: Viewer, secret_hash: bytes | None) -> ColumnElement[bool]:
    rules: list[ColumnElement[bool]] = []
    if viewer.user_id is not None and not viewer.is_service:
        rules.append(CartRow.customer_id == viewer.user_id)
    if secret_hash is not None:
        rules.append(and_(CartRow.customer_id.is_(None), CartRow.secret_hash == secret_hash))
    return or_(false(), *rules)
