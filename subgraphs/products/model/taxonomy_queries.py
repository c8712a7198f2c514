"""SQL over categories and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, case, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader, WithColumns
from subgraphs.products.model.tables import CategoryRow, ProductTagRow, TagRow

_CATEGORY = RowReader(CategoryRow)
_TAG = RowReader(TagRow)

CATEGORIES = Listed(_CATEGORY.select(), _CATEGORY)
"""They are public, as a shop's signs are."""
TAGS = Listed(_TAG.select(), _TAG)
"""They are public too."""

_CATEGORIES_BY_IDS = PreparedSelect(CATEGORIES.statement.where(one_of(CategoryRow.id, "ids")), _CATEGORY)
_CHILDREN = PreparedSelect(
    CATEGORIES.statement.where(one_of(CategoryRow.parent_id, "ids")).order_by(
        CategoryRow.position, CategoryRow.id
    ),
    _CATEGORY,
)
_TAGS_BY_IDS = PreparedSelect(TAGS.statement.where(one_of(TagRow.id, "ids")), _TAG)
_PLACED_TAG = WithColumns(_TAG, ProductTagRow.product_id)
_TAGS_OF_PRODUCTS = PreparedSelect(
    _PLACED_TAG.select()
    .join(ProductTagRow, TagRow.id == ProductTagRow.tag_id)
    .where(one_of(ProductTagRow.product_id, "ids"))
    .order_by(ProductTagRow.product_id, ProductTagRow.position),
    _PLACED_TAG,
)


async def lock_tree(session: AsyncSession, organization_id: UUID) -> None:
    """Holds the organization's tree until the transaction ends: moves go one after another."""
    key = func.hashtextextended(f"categories/{organization_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def find_category(
    session: AsyncSession, organization_id: UUID, category_id: UUID
) -> CategoryRow | None:
    """Returns the organization's category."""
    statement = select(CategoryRow).where(
        CategoryRow.id == category_id, CategoryRow.organization_id == organization_id
    )
    return (await session.scalars(statement)).one_or_none()


async def hold_category(session: AsyncSession, organization_id: UUID, category_id: UUID) -> bool:
    """Whether the organization has the category, which then stays until the transaction ends."""
    statement = (
        select(CategoryRow.id)
        .where(CategoryRow.id == category_id, CategoryRow.organization_id == organization_id)
        .with_for_update(read=True, key_share=True)
    )
    return await session.scalar(statement) is not None


async def categories_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, CategoryRow]:
    """Returns the categories."""
    return {row.id: row for row in await _CATEGORIES_BY_IDS.all(session, ids=ids)}


async def children_by_parents(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, list[CategoryRow]]:
    """Returns the categories right below each of these, in their order."""
    found: dict[UUID, list[CategoryRow]] = defaultdict(list)
    for row in await _CHILDREN.all(session, ids=ids):
        assert row.parent_id is not None, "the statement asks for children alone"
        found[row.parent_id].append(row)
    return found


async def has_children(session: AsyncSession, category_id: UUID) -> bool:
    """Whether categories stand below this one."""
    statement = select(CategoryRow.id).where(CategoryRow.parent_id == category_id).limit(1)
    return await session.scalar(statement) is not None


async def next_position(session: AsyncSession, organization_id: UUID, parent_id: UUID | None) -> int:
    """Returns the place behind the last child of the parent, or behind the last root."""
    statement = select(func.coalesce(func.max(CategoryRow.position) + 1, 0)).where(
        CategoryRow.organization_id == organization_id, CategoryRow.parent_id.is_not_distinct_from(parent_id)
    )
    return await session.scalar(statement) or 0


async def depth_below(session: AsyncSession, category: CategoryRow) -> int:
    """Returns how many levels the category's subtree has, itself included."""
    statement = select(func.max(func.cardinality(CategoryRow.path))).where(
        CategoryRow.path.contains([category.id])
    )
    deepest = await session.scalar(statement) or len(category.path)
    return deepest - len(category.path) + 1


async def move_subtree(
    session: AsyncSession,
    category: CategoryRow,
    parent: CategoryRow | None,
    position: int,
    now: datetime,
) -> None:
    """Hangs the category with all below it under the parent, in one statement: all or nothing."""
    above = [*parent.path] if parent is not None else []
    is_moved = CategoryRow.id == category.id
    from_here = CategoryRow.path[len(category.path) : func.cardinality(CategoryRow.path)]
    statement = (
        update(CategoryRow)
        .where(CategoryRow.path.contains([category.id]))
        .values(
            path=func.array_cat(literal(above, ARRAY(Uuid())), from_here, type_=ARRAY(Uuid())),
            parent_id=case(
                (is_moved, parent.id if parent is not None else None), else_=CategoryRow.parent_id
            ),
            position=case((is_moved, position), else_=CategoryRow.position),
            version=case((is_moved, CategoryRow.version + 1), else_=CategoryRow.version),
            updated_at=case((is_moved, now), else_=CategoryRow.updated_at),
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
    await session.refresh(category)


async def delete_category_row(session: AsyncSession, category: CategoryRow) -> None:
    """Removes the category; a product put there meanwhile makes the foreign key refuse."""
    await session.delete(category)
    await session.flush()


async def category_ids_by_slugs(
    session: AsyncSession, organization_id: UUID, slugs: Sequence[str]
) -> Mapping[str, UUID]:
    """Returns the organization's categories by slug; they stay until the transaction ends."""
    statement = (
        select(CategoryRow.slug, CategoryRow.id)
        .where(CategoryRow.organization_id == organization_id, CategoryRow.slug.in_(slugs))
        .order_by(CategoryRow.id)
        .with_for_update(read=True, key_share=True)
    )
    return {row.slug: row.id for row in await session.execute(statement)}


async def tags_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, TagRow]:
    """Returns the tags."""
    return {row.id: row for row in await _TAGS_BY_IDS.all(session, ids=ids)}


async def find_tag(session: AsyncSession, organization_id: UUID, tag_id: UUID) -> TagRow | None:
    """Returns the organization's tag."""
    statement = select(TagRow).where(TagRow.id == tag_id, TagRow.organization_id == organization_id)
    return (await session.scalars(statement)).one_or_none()


async def hold_tags(session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Returns which of the tags the organization has; they stay until the transaction ends."""
    statement = (
        select(TagRow.id)
        .where(TagRow.organization_id == organization_id, TagRow.id.in_(ids))
        .order_by(TagRow.id)
        .with_for_update(read=True, key_share=True)
    )
    return set(await session.scalars(statement))


async def tag_ids_by_slugs(
    session: AsyncSession, organization_id: UUID, slugs: Sequence[str]
) -> Mapping[str, UUID]:
    """Returns the organization's tags by slug; they stay until the transaction ends."""
    statement = (
        select(TagRow.slug, TagRow.id)
        .where(TagRow.organization_id == organization_id, TagRow.slug.in_(slugs))
        .order_by(TagRow.id)
        .with_for_update(read=True, key_share=True)
    )
    return {row.slug: row.id for row in await session.execute(statement)}


async def tags_by_products(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, list[TagRow]]:
    """Returns each product's tags in the order they were given."""
    found: dict[UUID, list[TagRow]] = defaultdict(list)
    for tag, (product_id,) in await _TAGS_OF_PRODUCTS.all(session, ids=ids):
        found[product_id].append(tag)
    return found


async def set_product_tags(session: AsyncSession, product_id: UUID, tag_ids: Sequence[UUID]) -> None:
    """Makes these, in this order, the product's tags."""
    others = ProductTagRow.tag_id.not_in(tag_ids)
    await session.execute(delete(ProductTagRow).where(ProductTagRow.product_id == product_id, others))
    if not tag_ids:
        return
    rows = [
        {"product_id": product_id, "tag_id": tag_id, "position": position}
        for position, tag_id in enumerate(tag_ids)
    ]
    statement = insert(ProductTagRow).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ProductTagRow.product_id, ProductTagRow.tag_id],
            set_={"position": statement.excluded.position},
        )
    )


def category_or_below(category_ids: Sequence[UUID]) -> Select[UUID]:
    """Returns the statement of the ids of these categories and of all below them."""
    return select(CategoryRow.id).where(CategoryRow.path.overlap(literal(list(category_ids), ARRAY(Uuid()))))


async def delete_tag_row(session: AsyncSession, tag: TagRow) -> None:
    """Removes the tag, from its products as well."""
    await session.delete(tag)
    await session.flush()
