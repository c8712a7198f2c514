"""Making, changing, moving and deleting categories.

Whatever changes the tree's shape first takes the organization's tree lock, and only then reads: two moves
that would together make a cycle find each other's result and the second is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from subgraphs.kit.database import violated_constraint
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.versions import check_version
from subgraphs.products.errors import CategoryCycle, CategoryNotEmpty, CategoryTooDeep, SlugTaken
from subgraphs.products.events import CategoryMoved
from subgraphs.products.model.product_queries import any_product_in
from subgraphs.products.model.tables import CategoryRow
from subgraphs.products.model.taxonomy_queries import (
    delete_category_row,
    depth_below,
    find_category,
    has_children,
    lock_tree,
    move_subtree,
    next_position,
)
from subgraphs.products.service.texts import check_name, check_slug, own_organization, slug_for
from subgraphs.products.service.write_product import Writing

DEPTH_MAX = 8


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category as it shall be; None leaves a thing as it is."""

    name: LocalizedText | None = None
    slug: str | None = None
    parent_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryMove:
    """Which category goes below which parent (None: to the roots), at which place among its new siblings."""

    category_id: UUID | None
    parent_id: UUID | None
    position: int | None = None
    expected_version: int | None = None


async def create_category(writing: Writing, draft: CategoryDraft) -> CategoryRow:
    """Returns the new category."""
    organization_id = own_organization(writing.viewer)
    name = check_name(draft.name or LocalizedText(), ["name"])
    await lock_tree(writing.session, organization_id)
    parent = await _parent_of(writing, draft.parent_id)
    _check_depth(parent, 1)
    category_id = new_id()
    position = draft.position
    if position is None:
        position = await next_position(writing.session, organization_id, draft.parent_id)
    category = CategoryRow(
        id=category_id,
        organization_id=organization_id,
        parent_id=draft.parent_id,
        name=name,
        slug=slug_for(name, draft.slug, category_id),
        position=position,
        path=[*(parent.path if parent is not None else ()), category_id],
        created_at=writing.now,
        updated_at=writing.now,
    )
    writing.session.add(category)
    await _flush(writing, category.slug)
    return category


async def update_category(
    writing: Writing, category_id: UUID | None, draft: CategoryDraft, expected_version: int | None
) -> CategoryRow:
    """Returns the category with its new name, slug or position; moving it is another use-case."""
    category = await _own_category(writing, category_id)
    check_version(category, expected_version)
    if draft.name is not None:
        category.name = check_name(draft.name, ["name"])
    if draft.slug is not None:
        category.slug = check_slug(draft.slug, ["slug"])
    if draft.position is not None:
        category.position = draft.position
    category.updated_at = writing.now
    await _flush(writing, category.slug)
    return category


async def move_category(writing: Writing, move: CategoryMove) -> CategoryRow:
    """Returns the category at its new place, with all below it."""
    session = writing.session
    await lock_tree(session, own_organization(writing.viewer))
    category = await _own_category(writing, move.category_id)
    check_version(category, move.expected_version)
    parent = await _parent_of(writing, move.parent_id)
    if parent is not None and category.id in parent.path:
        raise CategoryCycle("A category cannot stand below itself", field=["parentId"])
    _check_depth(parent, await depth_below(session, category))
    before, position = category.parent_id, move.position
    if position is None:
        position = await next_position(session, category.organization_id, move.parent_id)
    await move_subtree(session, category, parent, position, writing.now)
    moved = CategoryMoved(
        subject=str(category.id),
        occurred_at=writing.now,
        organization_id=category.organization_id,
        parent_before=before,
        parent_after=category.parent_id,
        actor_id=writing.viewer.user_id,
    )
    await record_event(session, moved)
    return category


async def delete_category(writing: Writing, category_id: UUID | None) -> UUID:
    """Returns the id of the category that was; raises CategoryNotEmpty while anything stands in it."""
    await lock_tree(writing.session, own_organization(writing.viewer))
    category = await _own_category(writing, category_id)
    full = CategoryNotEmpty("Move what stands in the category elsewhere first", field=["id"])
    if await has_children(writing.session, category.id) or await any_product_in(writing.session, category.id):
        raise full
    try:
        await delete_category_row(writing.session, category)
    except IntegrityError as error:
        raise full from error
    return category.id


async def _own_category(writing: Writing, category_id: UUID | None) -> CategoryRow:
    organization_id = own_organization(writing.viewer)
    found = (
        await find_category(writing.session, organization_id, category_id)
        if category_id is not None
        else None
    )
    if found is None:
        raise NotFound("No such category", field=["id"])
    return found


async def _parent_of(writing: Writing, parent_id: UUID | None) -> CategoryRow | None:
    if parent_id is None:
        return None
    parent = await find_category(writing.session, own_organization(writing.viewer), parent_id)
    if parent is None:
        raise NotFound("No such parent category", field=["parentId"])
    return parent


def _check_depth(parent: CategoryRow | None, levels: int) -> None:
    if (len(parent.path) if parent is not None else 0) + levels > DEPTH_MAX:
        raise CategoryTooDeep(f"The tree has at most {DEPTH_MAX} levels", field=["parentId"])


async def _flush(writing: Writing, slug: str) -> None:
    try:
        await writing.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) != "uq_categories_organization_id_slug":
            raise
        raise SlugTaken(f"Another category has the slug {slug}", field=["slug"]) from error
