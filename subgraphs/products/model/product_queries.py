"""SQL over products and their slugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader
from subgraphs.products.model.search_text import normalize, search_words
from subgraphs.products.model.tables import ProductRow, ProductSlugRow
from subgraphs.products.model.visibility import OWN, is_staff_of, own_parameters, visible_in, visible_to

PRODUCTS = RowReader(ProductRow)

_LISTS = {
    is_staff: Listed(PRODUCTS.select().where(visible_in(OWN if is_staff else None)), PRODUCTS)
    for is_staff in (False, True)
}
_BY_IDS = {
    is_staff: PreparedSelect(listed.statement.where(one_of(ProductRow.id, "ids")), PRODUCTS)
    for is_staff, listed in _LISTS.items()
}


def visible_products(viewer: Viewer, search: str | None = None) -> Select[ProductRow]:
    """Returns the statement of the products the viewer may see and, when told, that the search finds."""
    return select(ProductRow).where(visible_to(viewer), _found_by(search))


def listed_products(viewer: Viewer, search: str | None = None) -> Listed[ProductRow]:
    """Returns the same as a list that can be paged."""
    listed = _LISTS[is_staff_of(viewer)].given(**own_parameters(viewer))
    return listed if search is None else listed.where(_found_by(search))


def relevance_of(search: str) -> list[SortKey]:
    """Returns the order of a search: names that begin with it, names that hold it, all others."""
    text = normalize(search)
    named = ProductRow.search_name.contains(text, autoescape=True)
    begins = ProductRow.search_name.startswith(text, autoescape=True)
    return [
        SortKey("relevance", case((begins, 0), (named, 1), else_=2)),
        SortKey("name", ProductRow.search_name),
    ]


async def visible_products_by_ids(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, ProductRow]:
    """Returns those of the products the viewer may see."""
    found = await _BY_IDS[is_staff_of(viewer)].all(session, ids=ids, **own_parameters(viewer))
    return {row.id: row for row in found}


async def visible_products_by_slug(
    session: AsyncSession, viewer: Viewer, slug: str, organization_id: UUID | None
) -> Sequence[ProductRow]:
    """Returns the products the slug leads to, at most two: one per organization, or that of the one named."""
    statement = (
        visible_products(viewer).join(ProductSlugRow, _leads_to_product()).where(ProductSlugRow.slug == slug)
    )
    if organization_id is not None:
        statement = statement.where(ProductSlugRow.organization_id == organization_id)
    return (await session.scalars(statement.limit(2))).all()


async def lock_product(session: AsyncSession, organization_id: UUID, product_id: UUID) -> ProductRow | None:
    """Returns the organization's product, held until the transaction ends, so that changes queue up."""
    statement = (
        select(ProductRow)
        .where(ProductRow.id == product_id, ProductRow.organization_id == organization_id)
        .with_for_update()
    )
    return (await session.scalars(statement)).one_or_none()


async def lock_products_by_slugs(
    session: AsyncSession, organization_id: UUID, slugs: Sequence[str]
) -> Mapping[str, ProductRow]:
    """Returns the organization's products by any slug that leads to them, held in the order of their ids."""
    statement = (
        select(ProductRow, ProductSlugRow.slug)
        .join(ProductSlugRow, _leads_to_product())
        .where(ProductSlugRow.organization_id == organization_id, ProductSlugRow.slug.in_(slugs))
        .order_by(ProductRow.id)
        .with_for_update(of=ProductRow)
    )
    return {slug: product for product, slug in await session.execute(statement)}


async def own_products_by_ids(
    session: AsyncSession, organization_id: UUID, ids: Sequence[UUID]
) -> Mapping[UUID, ProductRow]:
    """Returns those of the products that are the organization's."""
    statement = select(ProductRow).where(
        ProductRow.id.in_(ids), ProductRow.organization_id == organization_id
    )
    return {row.id: row for row in await session.scalars(statement)}


async def claim_slugs(
    session: AsyncSession, organization_id: UUID, product_id: UUID, slugs: Sequence[str]
) -> set[str]:
    """Returns those of the slugs that are the product's from now on.

    A slug another product has given up may be taken over; of two that claim one at once, the later waits for
    the earlier and is refused.
    """
    statement = insert(ProductSlugRow).values(
        [
            {
                "organization_id": organization_id,
                "slug": slug,
                "product_id": product_id,
                "is_current": True,
            }
            # In order, so that two claims of the same slugs cannot wait for each other.
            for slug in sorted(set(slugs))
        ]
    )
    free = or_(ProductSlugRow.product_id == product_id, ProductSlugRow.is_current.is_(False))
    claimed = await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ProductSlugRow.organization_id, ProductSlugRow.slug],
            set_={"product_id": product_id, "is_current": True},
            where=free,
        ).returning(ProductSlugRow.slug)
    )
    return set(claimed.scalars())


async def retire_slugs(
    session: AsyncSession, organization_id: UUID, product_id: UUID, current: Sequence[str]
) -> None:
    """Marks the product's other slugs as former: they still lead to it until somebody takes them."""
    await session.execute(
        update(ProductSlugRow)
        .where(
            ProductSlugRow.organization_id == organization_id,
            ProductSlugRow.product_id == product_id,
            ProductSlugRow.slug.not_in(current),
            ProductSlugRow.is_current,
        )
        .values(is_current=False)
    )


async def any_product_in(session: AsyncSession, category_id: UUID) -> bool:
    """Whether a product, of whatever status, stands in the category itself."""
    statement = select(ProductRow.id).where(ProductRow.category_id == category_id).limit(1)
    return await session.scalar(statement) is not None


def _leads_to_product() -> ColumnElement[bool]:
    return and_(
        ProductSlugRow.product_id == ProductRow.id,
        ProductSlugRow.organization_id == ProductRow.organization_id,
    )


def _found_by(search: str | None) -> ColumnElement[bool]:
    words = search_words(search) if search is not None else []
    return and_(true(), *[ProductRow.search_text.contains(word, autoescape=True) for word in words])
