"""Finding the version of a template a reader is written in.

Language by language, the reader's own first: an organization's version, then one for everybody from the
table, then the platform's file. A text one can read is worth more than a house style one cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from subgraphs.kit.locales import FALLBACKS, Locale
from subgraphs.notifications.model.tables import TemplateRow
from subgraphs.notifications.model.template_queries import TemplateKey
from subgraphs.notifications.service.templates.platform_texts import platform_templates
from subgraphs.notifications.service.templates.written import TemplateText
from subgraphs.notifications.states import Channel


def choose_text(
    published: Mapping[TemplateKey, TemplateRow],
    key: str,
    channel: Channel,
    organization_id: UUID | None,
    wanted: Locale,
) -> tuple[TemplateText, Locale] | None:
    """Returns the text and its language, or None when nobody has written one."""
    own = platform_templates().get(key)
    for locale in FALLBACKS[wanted]:
        for owner in (organization_id, None):
            row = published.get((owner, key, channel, locale))
            if row is not None:
                return TemplateText(row.body, row.subject, row.html), locale
        if own is not None:
            return own.text(channel, locale), locale
    return None
