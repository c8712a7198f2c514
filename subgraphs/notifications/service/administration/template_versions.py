"""Writing, trying and publishing an organization's own texts for the platform's workflows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, NotFound, Refusals
from subgraphs.kit.locales import Locale
from subgraphs.notifications.errors import InvalidTemplate, UnknownWorkflow
from subgraphs.notifications.model.tables import TemplateRow
from subgraphs.notifications.model.template_versions import (
    TemplatePlace,
    find_version,
    insert_version,
    publish_version,
    retire_version,
)
from subgraphs.notifications.service.templates.checking import TemplateFault, find_template_faults
from subgraphs.notifications.service.templates.language import SOURCE_LENGTH_MAX
from subgraphs.notifications.service.templates.layout import lay_out
from subgraphs.notifications.service.templates.platform_texts import PlatformTemplate, platform_templates
from subgraphs.notifications.service.templates.written import Reader, TemplateText, write_text
from subgraphs.notifications.states import Channel, TemplateStatus

RECIPIENT_SHOWN = {Locale.AR: "أمينة", Locale.FR: "Amina", Locale.EN: "Amina"}
WRITTEN_FOR = frozenset({Channel.EMAIL, Channel.SMS, Channel.PUSH})
"""The channels organizations write their own texts for; what the inbox shows is the platform's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text for one workflow, channel and language."""

    key: str
    channel: Channel
    locale: Locale
    text: TemplateText


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text reads with the workflow's example; nothing but faults when it cannot be rendered."""

    subject: str | None
    text: str | None
    html: str | None
    faults: Sequence[TemplateFault]


async def create_version(
    session: AsyncSession, organization_id: UUID, author: UUID | None, draft: Draft
) -> TemplateRow:
    """Returns the organization's next version, a draft; it need not be publishable yet."""
    declared = _declared(draft)
    for name, source in (
        ("subject", draft.text.subject),
        ("body", draft.text.body),
        ("html", draft.text.html),
    ):
        if source is not None and len(source) > SOURCE_LENGTH_MAX:
            raise InvalidInput(f"It has at most {SOURCE_LENGTH_MAX} characters", field=["input", name])
    values = {
        "subject": draft.text.subject,
        "body": draft.text.body,
        "html": draft.text.html,
        "variables": dict(declared.variables),
        "example": dict(declared.example),
        "created_by": author,
    }
    place = TemplatePlace(organization_id, draft.key, draft.channel, draft.locale)
    return await insert_version(session, place, values)


def preview(draft: Draft) -> Preview:
    """Returns how the draft reads, or what is wrong with it."""
    declared = _declared(draft)
    faults = _faults(draft, declared)
    if faults:
        return Preview(None, None, None, faults)
    reader = Reader(draft.locale, name=RECIPIENT_SHOWN[draft.locale])
    written = write_text(draft.channel, draft.text, declared.example, reader)
    if draft.channel is not Channel.EMAIL:
        return Preview(written.subject or None, written.text, None, ())
    text, page = lay_out(written, draft.locale, "https://example.dz/unsubscribe")
    return Preview(written.subject, text, page, ())


async def publish(
    session: AsyncSession, organization_id: UUID, template_id: UUID | None, now: datetime
) -> TemplateRow:
    """Returns the version, which from now on is what the organization's recipients read.

    It is held against the variables the workflow has today, not those it had when the draft was written. An
    older version can be published again.
    """
    row = await _own_version(session, organization_id, template_id)
    draft = Draft(row.key, row.channel, row.locale, TemplateText(row.body, row.subject, row.html))
    faults = _faults(draft, _declared(draft))
    if faults:
        raise Refusals([_refusal(each) for each in faults])
    return await publish_version(session, row, now)


async def retire(session: AsyncSession, organization_id: UUID, template_id: UUID | None) -> TemplateRow:
    """Returns the version, published no more; recipients read the platform's text again."""
    row = await _own_version(session, organization_id, template_id)
    if row.status is not TemplateStatus.PUBLISHED:
        return row
    return await retire_version(session, row.id)


async def _own_version(session: AsyncSession, organization_id: UUID, template_id: UUID | None) -> TemplateRow:
    row = await find_version(session, organization_id, template_id) if template_id is not None else None
    if row is None:
        raise NotFound("The organization has no such template", field=["id"])
    return row


def _declared(draft: Draft) -> PlatformTemplate:
    declared = platform_templates().get(draft.key)
    if declared is None:
        raise UnknownWorkflow("There is no such workflow", field=["input", "key"])
    if draft.channel not in WRITTEN_FOR:
        raise InvalidInput("What the inbox shows is the platform's", field=["input", "channel"])
    return declared


def _faults(draft: Draft, declared: PlatformTemplate) -> Sequence[TemplateFault]:
    return find_template_faults(draft.channel, draft.locale, draft.text, declared.variables, declared.example)


def _refusal(fault: TemplateFault) -> InvalidTemplate:
    place = f", line {fault.line}" if fault.line is not None else ""
    return InvalidTemplate(f"{fault.message} ({fault.code}{place})", field=[fault.part])
