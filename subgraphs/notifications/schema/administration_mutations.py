"""The mutations of an organization's staff: telling people something, templates, suppressed addresses."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import read_id
from subgraphs.notifications.schema.access import MANAGE_NOTIFICATIONS, SEND_NOTIFICATIONS
from subgraphs.notifications.schema.administration_inputs import (
    CancelScheduledNotificationInput,
    NotificationTemplateInput,
    TriggerNotificationInput,
)
from subgraphs.notifications.schema.administration_payloads import (
    NotificationSuppressionRemovedPayload,
    NotificationTemplatePayload,
    ScheduledNotificationCancelledPayload,
    TriggerNotificationPayload,
)
from subgraphs.notifications.schema.administration_types import NotificationTemplate
from subgraphs.notifications.schema.references import text_id
from subgraphs.notifications.schema.viewers import organization_of
from subgraphs.notifications.service.administration.suppressions import remove_suppression
from subgraphs.notifications.service.administration.template_versions import create_version, publish, retire
from subgraphs.notifications.service.administration.trigger_notification import (
    cancel_scheduled_notification,
    trigger_notification,
)


@strawberry.type
class AdministrationMutations:
    @fields.mutation(
        allow=HasPermission(SEND_NOTIFICATIONS),
        description="Tells members or customers of the organization something, now or later, once per key.",
    )
    async def trigger_notification(
        self, info: Info, input: TriggerNotificationInput
    ) -> TriggerNotificationPayload:
        context, organization_id = info.context, organization_of(info)
        key, ids = await trigger_notification(
            context.session, context.viewer, organization_id, input.to_trigger(), context.clock.now()
        )
        return TriggerNotificationPayload(
            transaction_key=key, notification_ids=[text_id(each) for each in ids]
        )

    @fields.mutation(
        allow=HasPermission(SEND_NOTIFICATIONS), description="Calls off what has not been sent yet."
    )
    async def cancel_scheduled_notification(
        self, info: Info, input: CancelScheduledNotificationInput
    ) -> ScheduledNotificationCancelledPayload:
        recipient = read_id(input.recipient_id) if input.recipient_id is not None else None
        if input.recipient_id is not None and recipient is None:
            raise NotFound("There is no such recipient", field=["input", "recipientId"])
        count = await cancel_scheduled_notification(
            info.context.session,
            organization_of(info),
            input.transaction_key,
            recipient,
            info.context.clock.now(),
        )
        return ScheduledNotificationCancelledPayload(cancelled_count=count)

    @fields.mutation(
        allow=HasPermission(MANAGE_NOTIFICATIONS), description="Stores a text as the next version, a draft."
    )
    async def create_template_version(
        self, info: Info, input: NotificationTemplateInput
    ) -> NotificationTemplatePayload:
        author = info.context.viewer.user_id
        row = await create_version(info.context.session, organization_of(info), author, input.to_draft())
        return NotificationTemplatePayload(template=NotificationTemplate.of(row))

    @fields.mutation(
        allow=HasPermission(MANAGE_NOTIFICATIONS),
        description="Makes a version of one's own the one that is read, when it uses its variables rightly.",
    )
    async def publish_template(self, info: Info, id: strawberry.ID) -> NotificationTemplatePayload:
        row = await publish(
            info.context.session, organization_of(info), read_id(id), info.context.clock.now()
        )
        return NotificationTemplatePayload(template=NotificationTemplate.of(row))

    @fields.mutation(
        allow=HasPermission(MANAGE_NOTIFICATIONS), description="Goes back to the platform's own text."
    )
    async def retire_template(self, info: Info, id: strawberry.ID) -> NotificationTemplatePayload:
        row = await retire(info.context.session, organization_of(info), read_id(id))
        return NotificationTemplatePayload(template=NotificationTemplate.of(row))

    @fields.mutation(
        allow=HasPermission(MANAGE_NOTIFICATIONS), description="Lets an address be written to again."
    )
    async def remove_notification_suppression(
        self, info: Info, id: strawberry.ID
    ) -> NotificationSuppressionRemovedPayload:
        removed = await remove_suppression(info.context.session, organization_of(info), read_id(id))
        return NotificationSuppressionRemovedPayload(removed_suppression_id=text_id(removed))
