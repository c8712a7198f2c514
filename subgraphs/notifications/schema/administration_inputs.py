"""What the staff of an organization send: whom to tell what, the texts of templates, and filters of lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.filtering.inputs import DateTimeFilter, EnumFilter, IDFilter, StringFilter
from subgraphs.kit.filtering.where import Columns, logical
from subgraphs.kit.ids import read_id
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum, LocalizedStringInput
from subgraphs.notifications.model.tables import MessageRow, SuppressionRow, TemplateRow
from subgraphs.notifications.schema.enums import (
    Channel,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)
from subgraphs.notifications.service.administration.template_versions import Draft
from subgraphs.notifications.service.administration.trigger_notification import Trigger
from subgraphs.notifications.service.templates.written import TemplateText

TEXTS_MAX = 20


@strawberry.input(description="A text a workflow wants, by its name.")
class NotificationVariableInput:
    name: str
    value: LocalizedStringInput = strawberry.field(
        description="A language left out reads what another one says."
    )

    def to_value(self) -> dict[str, str]:
        """Returns the text in every language."""
        text = self.value.to_text()
        return {each.value: text.value(each) for each in Locale}


@strawberry.input
class TriggerNotificationInput:
    idempotency_key: str
    workflow: str = strawberry.field(default="announcement", description="One of those staff may start.")
    recipient_ids: list[strawberry.ID] = strawberry.field(
        description="Users who are members or customers of the organization, at most 1000."
    )
    variables: list[NotificationVariableInput]
    send_at: datetime | None = strawberry.field(default=None, description="Now, unless told.")

    def to_trigger(self) -> Trigger:
        """Returns the request for the use-case."""
        if (
            len({each.name for each in self.variables}) != len(self.variables)
            or len(self.variables) > TEXTS_MAX
        ):
            raise InvalidInput("Each variable is given once", field=["input", "variables"])
        payload: dict[str, Any] = {each.name: each.to_value() for each in self.variables}
        recipients = [read_id(each) for each in self.recipient_ids]
        return Trigger(self.workflow, recipients, payload, self.send_at, self.idempotency_key, self)


@strawberry.input
class CancelScheduledNotificationInput:
    transaction_key: str = strawberry.field(description="From `triggerNotification`.")
    recipient_id: strawberry.ID | None = strawberry.field(default=None, description="All, unless told.")


@strawberry.input
class NotificationTemplateInput:
    key: str = strawberry.field(description="The workflow it is for.")
    channel: Channel
    locale: LocaleEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    subject: str | None = strawberry.field(default=None, description="Of a mail or a push message.")
    body: str = strawberry.field(description="Plain text with `{{ variables }}`.")
    html: str | None = strawberry.field(default=None, description="Of a mail: what goes into the page.")

    def to_draft(self) -> Draft:
        """Returns the draft for the use-case."""
        return Draft(self.key, self.channel, self.locale, TemplateText(self.body, self.subject, self.html))


@strawberry.input
class NotificationMessageWhere:
    channel: EnumFilter[Channel] | None = UNSET
    state: EnumFilter[MessageState] | None = UNSET
    topic: EnumFilter[Topic] | None = UNSET
    workflow: StringFilter | None = UNSET
    notification_id: IDFilter | None = UNSET
    recipient_id: IDFilter | None = UNSET
    last_error: StringFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    due_at: DateTimeFilter | None = UNSET
    and_: list[NotificationMessageWhere] | None = logical("AND")
    or_: list[NotificationMessageWhere] | None = logical("OR")
    not_: NotificationMessageWhere | None = logical("NOT")


MESSAGE_WHERE_COLUMNS: Columns = {
    "channel": MessageRow.channel,
    "state": MessageRow.state,
    "topic": MessageRow.topic,
    "workflow": MessageRow.workflow,
    "notification_id": MessageRow.notification_id,
    "recipient_id": MessageRow.user_id,
    "last_error": MessageRow.last_error,
    "created_at": MessageRow.created_at,
    "due_at": MessageRow.due_at,
}


@strawberry.input
class NotificationTemplateWhere:
    key: StringFilter | None = UNSET
    channel: EnumFilter[Channel] | None = UNSET
    locale: EnumFilter[LocaleEnum] | None = UNSET  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    status: EnumFilter[TemplateStatus] | None = UNSET
    and_: list[NotificationTemplateWhere] | None = logical("AND")
    or_: list[NotificationTemplateWhere] | None = logical("OR")
    not_: NotificationTemplateWhere | None = logical("NOT")


TEMPLATE_WHERE_COLUMNS: Columns = {
    "key": TemplateRow.key,
    "channel": TemplateRow.channel,
    "locale": TemplateRow.locale,
    "status": TemplateRow.status,
}


@strawberry.input
class NotificationSuppressionWhere:
    channel: EnumFilter[Channel] | None = UNSET
    reason: EnumFilter[SuppressionReason] | None = UNSET
    address: StringFilter | None = UNSET
    and_: list[NotificationSuppressionWhere] | None = logical("AND")
    or_: list[NotificationSuppressionWhere] | None = logical("OR")
    not_: NotificationSuppressionWhere | None = logical("NOT")


SUPPRESSION_WHERE_COLUMNS: Columns = {
    "channel": SuppressionRow.channel,
    "reason": SuppressionRow.reason,
    "address": SuppressionRow.address,
}
