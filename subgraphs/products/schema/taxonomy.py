"""Categories and tags as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum, LocalizedString
from subgraphs.products.model.tables import CategoryRow, TagRow
from subgraphs.products.schema.ages import KEPT
from subgraphs.products.schema.loaders import load_categories, load_children, load_tags


@federation.type(keys=["id"], description="A place in a shop's tree of categories.", directives=[KEPT])
class Category:
    row: strawberry.Private[CategoryRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    slug: str
    position: int
    depth: int = strawberry.field(description="1 for a root.")
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: CategoryRow) -> Category:
        """Returns the category as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            slug=row.slug,
            position=row.position,
            depth=len(row.path),
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Category | None]:
        """Answers the router."""
        return await load_entities(info.context.loaders.get(load_categories), representations, cls.of)

    @strawberry.field(description="The name in the locale, else in the nearest language that has it.")
    def name(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.row.name.value(locale)

    @strawberry.field
    def translations(self) -> LocalizedString:
        return LocalizedString.of(self.row.name)

    @strawberry.field
    async def parent(self, info: Info) -> Category | None:
        if self.row.parent_id is None:
            return None
        row = await info.context.loaders.get(load_categories).load(self.row.parent_id)
        return Category.of(row) if row is not None else None

    @strawberry.field(description="The categories right below, in their order.")
    async def children(self, info: Info) -> list[Category]:
        rows = await info.context.loaders.get(load_children).load(self.row.id)
        return [Category.of(row) for row in rows]

    @strawberry.field(description="The way here from the root, this category last.")
    async def breadcrumb(self, info: Info) -> list[Category]:
        above: list[UUID] = self.row.path[:-1]
        rows = await info.context.loaders.get(load_categories).load_many(above)
        return [*[Category.of(row) for row in rows if row is not None], self]


@federation.type(keys=["id"], description="A word products are found by.", directives=[KEPT])
class Tag:
    row: strawberry.Private[TagRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    slug: str
    version: int

    @classmethod
    def of(cls, row: TagRow) -> Tag:
        """Returns the tag as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            slug=row.slug,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Tag | None]:
        """Answers the router."""
        return await load_entities(info.context.loaders.get(load_tags), representations, cls.of)

    @strawberry.field(description="The name in the locale, else in the nearest language that has it.")
    def name(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.row.name.value(locale)

    @strawberry.field
    def translations(self) -> LocalizedString:
        return LocalizedString.of(self.row.name)
