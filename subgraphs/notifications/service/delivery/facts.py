"""All that decides about a batch of messages, read when it is sent; a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.channels.registry import OwnProvider, own_provider_name
from subgraphs.notifications.model.digest_closing import notifications_in_digests
from subgraphs.notifications.model.notification_queries import notifications_by_ids
from subgraphs.notifications.model.people_queries import contacts_by_users, devices_by_users
from subgraphs.notifications.model.preference_queries import choices_by_users, quiet_hours_by_users
from subgraphs.notifications.model.provider_queries import providers_of
from subgraphs.notifications.model.suppression_queries import address_hash, suppressions_of
from subgraphs.notifications.model.tables import MessageRow, NotificationRow, SuppressionRow, TemplateRow
from subgraphs.notifications.model.template_queries import TemplateKey, published_templates
from subgraphs.notifications.service.delivery.decide import Recipient, addresses_of
from subgraphs.notifications.states import Channel

DIGEST_KEY = "digest"
_Suppressed = tuple[UUID | None, Channel, bytes]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a batch."""

    notifications: Mapping[UUID, NotificationRow]
    digests: Mapping[UUID, Sequence[UUID]]
    recipients: Mapping[UUID, Recipient]
    suppressions: Mapping[_Suppressed, SuppressionRow]
    templates: Mapping[TemplateKey, TemplateRow]
    providers: Mapping[tuple[UUID, Channel], Sequence[OwnProvider]]

    def told_by(self, message: MessageRow) -> list[NotificationRow]:
        """Returns what the message tells of: its notification, or its digest's; none that was called off."""
        ids = self.digests.get(message.digest_id, ()) if message.digest_id is not None else ()
        told = [self.notifications[each] for each in ids or [message.notification_id]]
        return [each for each in told if each.cancelled_at is None]

    def suppressed(self, message: MessageRow) -> dict[str, SuppressionRow]:
        """Returns those of the recipient's addresses that may not be written to for the organization."""
        found = {}
        for address in addresses_of(message.channel, self.recipients[message.user_id]):
            hashed = address_hash(message.channel, address)
            for owner in (None, message.organization_id):
                row = self.suppressions.get((owner, message.channel, hashed))
                if row is not None:
                    found[address] = row
        return found

    def providers_for(self, message: MessageRow) -> Sequence[OwnProvider]:
        """Returns what the message's organization has set up for the channel, if anything."""
        if message.organization_id is None:
            return ()
        return self.providers.get((message.organization_id, message.channel), ())


async def read_facts(session: AsyncSession, messages: Sequence[MessageRow]) -> Facts:
    """Returns what is known of the messages' notifications, recipients, texts and providers."""
    digests = await notifications_in_digests(
        session, [each.digest_id for each in messages if each.digest_id is not None]
    )
    wanted = {each.notification_id for each in messages}.union(*digests.values())
    notifications = await notifications_by_ids(session, list(wanted))
    recipients = await _read_recipients(session, list({each.user_id for each in messages}))
    organizations = {each.organization_id for each in messages if each.organization_id is not None}
    hashes = {
        address_hash(each.channel, address)
        for each in messages
        for address in addresses_of(each.channel, recipients[each.user_id])
    }
    suppressions = await suppressions_of(session, hashes, organizations)
    keys = {each.workflow for each in messages} | {DIGEST_KEY}
    return Facts(
        notifications=notifications,
        digests=digests,
        recipients=recipients,
        suppressions={(row.organization_id, row.channel, row.address_hash): row for row in suppressions},
        templates=await published_templates(session, organizations, keys),
        providers={
            place: [
                OwnProvider(
                    own_provider_name(row.organization_id, row.provider), row.url, row.secret_reference
                )
                for row in rows
                if row.url is not None and row.secret_reference is not None
            ]
            for place, rows in (await providers_of(session, organizations)).items()
        },
    )


async def _read_recipients(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, Recipient]:
    contacts = await contacts_by_users(session, user_ids)
    devices = await devices_by_users(session, user_ids)
    choices = await choices_by_users(session, user_ids)
    quiet_hours = await quiet_hours_by_users(session, user_ids)
    return {
        each: Recipient(
            contacts.get(each), devices.get(each, ()), choices.get(each, {}), quiet_hours.get(each)
        )
        for each in user_ids
    }
