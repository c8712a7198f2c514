"""Writing up to a hundred products in one call; each row stands or falls alone.

A row names its product by slug: the product it leads to is changed, otherwise one is created. What the rows
refer to is read in three statements for all of them; then every row is written inside a savepoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from subgraphs.kit.errors import DomainError, InvalidInput, NotFound, Refusals
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.products.errors import DuplicateRow
from subgraphs.products.model.product_queries import lock_products_by_slugs
from subgraphs.products.model.tables import ProductRow
from subgraphs.products.model.taxonomy_queries import category_ids_by_slugs, tag_ids_by_slugs
from subgraphs.products.service.drafts import CategoryChoice, ProductDraft
from subgraphs.products.service.refusals import errors_of
from subgraphs.products.service.texts import check_slug, own_organization
from subgraphs.products.service.write_product import Writing, new_product, write_product

ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One product as it shall be; categories and tags by slug, as an import knows them."""

    slug: str
    draft: ProductDraft
    category: str | None = None
    tags: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not even be read."""

    errors: Sequence[DomainError]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row; it survives as JSON under the call's idempotency key."""

    product_id: UUID | None = None
    created: bool = False
    errors: Sequence[Mapping[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """Returns the result as a JSON value."""
        return {
            "product_id": str(self.product_id) if self.product_id else None,
            "created": self.created,
            "errors": [dict(error) for error in self.errors],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RowResult:
        """Returns the result that `to_json` wrote."""
        product_id = UUID(value["product_id"]) if value["product_id"] else None
        return cls(product_id, value["created"], value["errors"])


@dataclass(frozen=True, slots=True)
class _Referred:
    products: Mapping[str, ProductRow]
    product_ids: Mapping[str, UUID]
    categories: Mapping[str, UUID]
    tags: Mapping[str, UUID]
    named: set[UUID | str] = field(default_factory=set)
    """The products rows were about so far, by id, or by slug when new."""


async def bulk_upsert_products(writing: Writing, rows: Sequence[BulkRow | RefusedRow]) -> list[RowResult]:
    """Returns a result per row, in order; refused rows leave no trace, the others are written."""
    if not 0 < len(rows) <= ROWS_MAX:
        raise InvalidInput(f"A bulk call has 1 to {ROWS_MAX} rows", field=["rows"])
    referred = await _read_referred(writing, [row for row in rows if isinstance(row, BulkRow)])
    results: dict[int, RowResult] = {}
    events: list[Event] = []
    # By slug, so that two imports of the same products take their locks in one order.
    for index, row in sorted(enumerate(rows), key=lambda numbered: _slug_of(numbered[1])):
        try:
            results[index] = await _write_row(writing, row, referred, events)
        except (DomainError, Refusals) as refusal:
            told = [_error_to_json(error, index) for error in errors_of(refusal)]
            results[index] = RowResult(errors=told)
    await record_events(writing.session, *events)
    return [results[index] for index in range(len(rows))]


def _slug_of(row: BulkRow | RefusedRow) -> str:
    return row.slug if isinstance(row, BulkRow) else ""


async def _read_referred(writing: Writing, rows: Sequence[BulkRow]) -> _Referred:
    session, organization_id = writing.session, own_organization(writing.viewer)
    categories = {row.category for row in rows if row.category}
    tags = {tag for row in rows for tag in row.tags or ()}
    slugs = [row.slug for row in rows]
    products = await lock_products_by_slugs(session, organization_id, slugs)
    return _Referred(
        products,
        # Apart, because a refused row leaves its product's attributes expired.
        {slug: product.id for slug, product in products.items()},
        await category_ids_by_slugs(session, organization_id, sorted(categories)),
        await tag_ids_by_slugs(session, organization_id, sorted(tags)),
    )


async def _write_row(
    writing: Writing, row: BulkRow | RefusedRow, referred: _Referred, events: list[Event]
) -> RowResult:
    if isinstance(row, RefusedRow):
        raise Refusals(row.errors)
    check_slug(row.slug, ["slug"])
    subject = referred.product_ids.get(row.slug, row.slug)
    if subject in referred.named:
        raise DuplicateRow(f"An earlier row is about {row.slug} as well", field=["slug"])
    referred.named.add(subject)
    product = referred.products.get(row.slug)
    is_new = product is None
    draft = _complete(row, referred, is_new=is_new)
    async with writing.session.begin_nested():
        product = product or new_product(writing)
        row_events = await write_product(writing, product, draft, is_new=is_new)
    events.extend(row_events)
    return RowResult(product.id, is_new)


def _complete(row: BulkRow, referred: _Referred, *, is_new: bool) -> ProductDraft:
    draft = row.draft
    if row.category is not None:
        draft = replace(draft, category=_category_of(row.category, referred))
    if row.tags is not None:
        draft = replace(draft, tag_ids=[_tag_of(tag, referred) for tag in row.tags])
    if is_new:
        draft = replace(draft, slugs=_slugs_of_new(row))
    return draft


def _category_of(slug: str, referred: _Referred) -> CategoryChoice:
    if not slug:
        return CategoryChoice(None)
    if slug not in referred.categories:
        raise NotFound(f"No category {slug}", field=["category"])
    return CategoryChoice(referred.categories[slug])


def _tag_of(slug: str, referred: _Referred) -> UUID:
    if slug not in referred.tags:
        raise NotFound(f"No tag {slug}", field=["tags"])
    return referred.tags[slug]


def _slugs_of_new(row: BulkRow) -> LocalizedText:
    """Gives the row's slug to the first language the name has; the others get one made from the name."""
    name = row.draft.name or LocalizedText()
    first = next((each for each in (Locale.FR, Locale.AR, Locale.EN) if getattr(name, each.value)), Locale.FR)
    return LocalizedText(**{first.value: row.slug})


def _error_to_json(error: DomainError, index: int) -> dict[str, Any]:
    path = ["input", "rows", str(index), *(error.field or ())]
    return {"code": error.code, "message": error.message, "field": path}
