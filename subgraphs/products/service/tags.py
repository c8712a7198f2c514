"""Making, changing and deleting tags."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from subgraphs.kit.database import violated_constraint
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.versions import check_version
from subgraphs.products.errors import SlugTaken
from subgraphs.products.model.tables import TagRow
from subgraphs.products.model.taxonomy_queries import delete_tag_row, find_tag
from subgraphs.products.service.texts import check_name, check_slug, own_organization, slug_for
from subgraphs.products.service.write_product import Writing


@dataclass(frozen=True, slots=True)
class TagDraft:
    """A tag as it shall be; without an id it is a new one."""

    tag_id: UUID | None
    name: LocalizedText | None = None
    slug: str | None = None
    expected_version: int | None = None


async def create_tag(writing: Writing, draft: TagDraft) -> TagRow:
    """Returns the new tag."""
    name = check_name(draft.name or LocalizedText(), ["name"])
    tag_id = new_id()
    tag = TagRow(
        id=tag_id,
        organization_id=own_organization(writing.viewer),
        name=name,
        slug=slug_for(name, draft.slug, tag_id),
        created_at=writing.now,
        updated_at=writing.now,
    )
    writing.session.add(tag)
    await _flush(writing, tag.slug)
    return tag


async def update_tag(writing: Writing, draft: TagDraft) -> TagRow:
    """Returns the changed tag."""
    tag = await _own_tag(writing, draft.tag_id)
    check_version(tag, draft.expected_version)
    if draft.name is not None:
        tag.name = check_name(draft.name, ["name"])
    if draft.slug is not None:
        tag.slug = check_slug(draft.slug, ["slug"])
    tag.updated_at = writing.now
    await _flush(writing, tag.slug)
    return tag


async def delete_tag(writing: Writing, tag_id: UUID | None) -> UUID:
    """Returns the id of the tag that was; products lose it."""
    tag = await _own_tag(writing, tag_id)
    await delete_tag_row(writing.session, tag)
    return tag.id


async def _own_tag(writing: Writing, tag_id: UUID | None) -> TagRow:
    organization_id = own_organization(writing.viewer)
    tag = await find_tag(writing.session, organization_id, tag_id) if tag_id is not None else None
    if tag is None:
        raise NotFound("No such tag", field=["id"])
    return tag


async def _flush(writing: Writing, slug: str) -> None:
    try:
        await writing.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) != "uq_tags_organization_id_slug":
            raise
        raise SlugTaken(f"Another tag has the slug {slug}", field=["slug"]) from error
