"""Rendering a message in its reader's language, alone or as a digest, with the page and footer of mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import structlog

from subgraphs.kit.locales import Locale
from subgraphs.notifications.channels.letter import Letter
from subgraphs.notifications.model.tables import ContactRow, MessageRow, NotificationRow
from subgraphs.notifications.service.delivery.facts import DIGEST_KEY, Facts
from subgraphs.notifications.service.templates.choosing import choose_text
from subgraphs.notifications.service.templates.compiled import RenderingError
from subgraphs.notifications.service.templates.language import ForbiddenTemplateError
from subgraphs.notifications.service.templates.layout import lay_out
from subgraphs.notifications.service.templates.written import Reader, Written, write_text
from subgraphs.notifications.states import Channel

DIGEST_ITEMS_MAX = 20
ZONE = "Africa/Algiers"


log = structlog.get_logger(__name__)


class TemplateMissingError(LookupError):
    """Nobody has written a text for the workflow, or it was taken away while the message waited."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A message, to be written to some addresses."""

    message: MessageRow
    facts: Facts
    addresses: Sequence[str]
    unsubscribe_url: str | None

    @property
    def locale(self) -> Locale:
        """The recipient's language as of now; that of the moment it was made when it is not known."""
        contact = self._contact
        if contact is not None:
            return contact.locale
        return self.facts.notifications[self.message.notification_id].locale

    @property
    def _contact(self) -> ContactRow | None:
        return self.facts.recipients[self.message.user_id].contact

    def letters(self) -> list[Letter]:
        """Returns the letter to each address; raises TemplateMissingError, RenderingError and the like."""
        written, locale = self._write()
        message = self.message
        text, html = written.text, written.html
        if message.channel is Channel.EMAIL:
            text, html = lay_out(written, locale, self.unsubscribe_url)
        return [
            Letter(
                id=_letter_id(message, address),
                channel=message.channel,
                address=address,
                subject=written.subject,
                text=text,
                html=html,
                locale=locale,
                topic=message.topic,
                organization_id=message.organization_id,
                written_at=message.created_at,
                unsubscribe_url=self.unsubscribe_url,
            )
            for address in self.addresses
        ]

    def _write(self) -> tuple[Written, Locale]:
        told = self.facts.told_by(self.message)
        if len(told) == 1:
            return self._write_one(told[0], self.message.channel)
        items = [item for each in told[:DIGEST_ITEMS_MAX] if (item := self._item_of(each)) is not None]
        variables = {"count": len(told), "items": items, "more": len(told) - len(items)}
        return self._write_with(DIGEST_KEY, self.message.channel, variables)

    def _item_of(self, notification: NotificationRow) -> dict[str, str] | None:
        try:
            short, _ = self._write_one(notification, Channel.IN_APP)
        except (TemplateMissingError, RenderingError, ForbiddenTemplateError) as error:
            # The others of the digest shall not be lost with it; it is counted among those not shown.
            log.warning("digest_item_failed", notification_id=str(notification.id), reason=str(error))
            return None
        return {"title": short.subject, "text": short.text}

    def _write_one(self, notification: NotificationRow, channel: Channel) -> tuple[Written, Locale]:
        return self._write_with(notification.workflow, channel, notification.payload)

    def _write_with(self, key: str, channel: Channel, variables: dict[str, object]) -> tuple[Written, Locale]:
        found = choose_text(self.facts.templates, key, channel, self.message.organization_id, self.locale)
        if found is None:
            raise TemplateMissingError(key)
        text, locale = found
        contact = self._contact
        zone = ZoneInfo(contact.zone if contact is not None else ZONE)
        name = contact.name if contact is not None else None
        return write_text(channel, text, variables, Reader(locale, zone, name or "")), locale


def _letter_id(message: MessageRow, address: str) -> UUID:
    # One message is one letter, except for push, where each device has its own and the same at every try.
    return uuid5(message.id, address) if message.channel is Channel.PUSH else message.id
