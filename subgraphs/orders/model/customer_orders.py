"""The orders of many users at once, a page each: one statement for all first pages."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.page import Page, PageSource, fetch_page
from subgraphs.orders.model.order_queries import (
    NEWEST_FIRST,
    newest_orders_by_customers,
    orders_of_customer,
)
from subgraphs.orders.model.tables import OrderRow


async def order_pages_by_customers(
    session: AsyncSession, viewer: Viewer, customer_ids: Sequence[UUID], page: PageArguments
) -> list[Page[OrderRow]]:
    """Returns each user's page of the orders the viewer may see, the newest first."""
    if page.after is not None or page.before is not None or page.backward:
        # A cursor is a place in one user's list, so such a page is asked for one user at a time.
        return [
            await fetch_page(session, orders_of_customer(each, viewer), NEWEST_FIRST, page)
            for each in customer_ids
        ]
    found = await newest_orders_by_customers(session, viewer, customer_ids, page.size + 1)
    return [_first_page(session, viewer, each, found.get(each, ()), page) for each in customer_ids]


def _first_page(
    session: AsyncSession, viewer: Viewer, customer_id: UUID, rows: Sequence[OrderRow], page: PageArguments
) -> Page[OrderRow]:
    shown = tuple(rows[: page.size])
    listed = orders_of_customer(customer_id, viewer)
    return Page(
        source=PageSource(session, listed.statement, NEWEST_FIRST, listed.parameters),
        items=shown,
        places=tuple((row.created_at, row.id) for row in shown),
        arguments=page,
        more=len(rows) > page.size,
    )
