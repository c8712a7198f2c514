"""How many products of a list stand in each category and carry each tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.products.model.tables import CategoryRow, ProductRow, ProductStatus, ProductTagRow, TagRow


async def count_products(session: AsyncSession, products: Select[ProductRow]) -> int:
    """Returns the length of the list."""
    listed = products.with_only_columns(ProductRow.id).subquery()
    return await session.scalar(select(func.count()).select_from(listed)) or 0


async def count_by_category(
    session: AsyncSession, products: Select[ProductRow], limit: int
) -> Sequence[tuple[CategoryRow, int]]:
    """Returns the categories with most products of the list; a product counts in all above its own too."""
    listed = products.with_only_columns(ProductRow.category_id).subquery()
    own = select(func.unnest(CategoryRow.path).label("id")).join(
        listed, listed.c.category_id == CategoryRow.id
    )
    return await _most_frequent(session, CategoryRow, own.subquery().c.id, limit)


async def count_by_tag(
    session: AsyncSession, products: Select[ProductRow], limit: int
) -> Sequence[tuple[TagRow, int]]:
    """Returns the tags on most products of the list."""
    listed = products.with_only_columns(ProductRow.id).subquery()
    tags = select(ProductTagRow.tag_id).join(listed, listed.c.id == ProductTagRow.product_id)
    return await _most_frequent(session, TagRow, tags.subquery().c.tag_id, limit)


async def count_by_status(
    session: AsyncSession, products: Select[ProductRow]
) -> Sequence[tuple[ProductStatus, int]]:
    """Returns the statuses the list has."""
    statement = (
        products.with_only_columns(ProductRow.status, func.count())
        .group_by(ProductRow.status)
        .order_by(ProductRow.status)
    )
    return [(status, count) for status, count in await session.execute(statement)]


async def _most_frequent(
    session: AsyncSession, row_type: Any, ids: Any, limit: int
) -> Sequence[tuple[Any, int]]:
    counted = select(ids.label("id"), func.count().label("count")).group_by(ids).subquery()
    statement = (
        select(row_type, counted.c.count)
        .join(counted, counted.c.id == row_type.id)
        .order_by(counted.c.count.desc(), row_type.id)
        .limit(limit)
    )
    return [(row, count) for row, count in await session.execute(statement)]
