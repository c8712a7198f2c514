"""Mutations of categories and tags."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from uuid import UUID

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import read_id
from subgraphs.kit.value_types import LocalizedStringInput
from subgraphs.products.schema.ages import CATEGORIES_CHANGED, TAGS_CHANGED
from subgraphs.products.schema.inputs import read_optional_text, read_text
from subgraphs.products.schema.payloads import (
    CategoryDeletePayload,
    CategoryPayload,
    TagDeletePayload,
    TagPayload,
)
from subgraphs.products.schema.product_mutations import WRITE, writing_of
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.service.categories import (
    CategoryDraft,
    CategoryMove,
    create_category,
    delete_category,
    move_category,
    update_category,
)
from subgraphs.products.service.refusals import refusals_under
from subgraphs.products.service.tags import TagDraft, create_tag, delete_tag, update_tag


@strawberry.input
class CategoryCreateInput:
    name: LocalizedStringInput
    slug: str | None = strawberry.field(default=None, description="Made from the name unless given.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="A root unless given.")
    position: int | None = strawberry.field(
        default=None, description="The last of its siblings unless given."
    )


@strawberry.input(description="What is left out stays as it is.")
class CategoryUpdateInput:
    name: LocalizedStringInput | None = None
    slug: str | None = None
    position: int | None = None
    expected_version: int | None = None


@strawberry.input
class CategoryMoveInput:
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The new parent; null makes the category a root."
    )
    position: int | None = strawberry.field(
        default=None, description="The last of its siblings unless given."
    )
    expected_version: int | None = None


@strawberry.input
class TagCreateInput:
    name: LocalizedStringInput
    slug: str | None = strawberry.field(default=None, description="Made from the name unless given.")


@strawberry.input(description="What is left out stays as it is.")
class TagUpdateInput:
    name: LocalizedStringInput | None = None
    slug: str | None = None
    expected_version: int | None = None


@strawberry.type
class TaxonomyMutations:
    @fields.mutation(allow=WRITE, directives=CATEGORIES_CHANGED)
    async def category_create(self, info: Info, input: CategoryCreateInput) -> CategoryPayload:
        with refusals_under("input"):
            name, parent_id = read_text(input.name, ["name"]), _read_parent(input.parent_id)
            draft = CategoryDraft(name, input.slug, parent_id, input.position)
            row = await create_category(writing_of(info), draft)
        return CategoryPayload(category=Category.of(row))

    @fields.mutation(allow=WRITE, directives=CATEGORIES_CHANGED)
    async def category_update(
        self, info: Info, id: strawberry.ID, input: CategoryUpdateInput
    ) -> CategoryPayload:
        with refusals_under("input"):
            name = read_optional_text(input.name, ["name"])
            draft = CategoryDraft(name, input.slug, position=input.position)
            row = await update_category(writing_of(info), read_id(id), draft, input.expected_version)
        return CategoryPayload(category=Category.of(row))

    @fields.mutation(
        allow=WRITE,
        description="Moves the category with all below it, in one step.",
        directives=CATEGORIES_CHANGED,
    )
    async def category_move(self, info: Info, id: strawberry.ID, input: CategoryMoveInput) -> CategoryPayload:
        with refusals_under("input"):
            parent_id = _read_parent(input.parent_id)
            move = CategoryMove(read_id(id), parent_id, input.position, input.expected_version)
            row = await move_category(writing_of(info), move)
        return CategoryPayload(category=Category.of(row))

    @fields.mutation(
        allow=WRITE,
        description="Deletes a category in which nothing stands.",
        directives=CATEGORIES_CHANGED,
    )
    async def category_delete(self, info: Info, id: strawberry.ID) -> CategoryDeletePayload:
        deleted = await delete_category(writing_of(info), read_id(id))
        return CategoryDeletePayload(deleted_id=strawberry.ID(str(deleted)))

    @fields.mutation(allow=WRITE, directives=TAGS_CHANGED)
    async def tag_create(self, info: Info, input: TagCreateInput) -> TagPayload:
        with refusals_under("input"):
            draft = TagDraft(None, read_text(input.name, ["name"]), input.slug)
            row = await create_tag(writing_of(info), draft)
        return TagPayload(tag=Tag.of(row))

    @fields.mutation(allow=WRITE, directives=TAGS_CHANGED)
    async def tag_update(self, info: Info, id: strawberry.ID, input: TagUpdateInput) -> TagPayload:
        with refusals_under("input"):
            name = read_optional_text(input.name, ["name"])
            draft = TagDraft(read_id(id), name, input.slug, input.expected_version)
            row = await update_tag(writing_of(info), draft)
        return TagPayload(tag=Tag.of(row))

    @fields.mutation(allow=WRITE, description="Deletes the tag; products lose it.", directives=TAGS_CHANGED)
    async def tag_delete(self, info: Info, id: strawberry.ID) -> TagDeletePayload:
        deleted = await delete_tag(writing_of(info), read_id(id))
        return TagDeletePayload(deleted_id=strawberry.ID(str(deleted)))


def _read_parent(given: strawberry.ID | None) -> UUID | None:
    if given is None:
        return None
    parent_id = read_id(given)
    if parent_id is None:
        raise NotFound("No such parent category", field=["parentId"])
    return parent_id
