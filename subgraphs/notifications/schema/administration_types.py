"""What the staff of an organization see: what became of messages, their templates, suppressed addresses."""

from __future__ import annotations

from datetime import datetime

import strawberry

from subgraphs.kit.context import Info
from subgraphs.kit.value_types import LocaleEnum
from subgraphs.notifications.model.tables import (
    MessageRow,
    MessageTransitionRow,
    SuppressionRow,
    TemplateRow,
)
from subgraphs.notifications.schema.enums import (
    Channel,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)
from subgraphs.notifications.schema.loaders import load_transitions
from subgraphs.notifications.schema.references import text_id
from subgraphs.notifications.schema.types import User
from subgraphs.notifications.service.administration.template_versions import Preview
from subgraphs.notifications.service.templates.checking import TemplateFault
from subgraphs.notifications.service.workflows.workflow import Workflow


@strawberry.type(description="One kind of notification.")
class NotificationWorkflow:
    key: str
    topic: Topic
    critical: bool
    channels: list[Channel]
    description: str
    by_staff: bool = strawberry.field(description="Whether `triggerNotification` may start it.")

    @classmethod
    def of(cls, workflow: Workflow) -> NotificationWorkflow:
        """Returns the workflow as the API shows it."""
        return cls(
            key=workflow.key,
            topic=workflow.topic,
            critical=workflow.is_critical,
            channels=[step.channel for step in workflow.steps],
            description=workflow.description,
            by_staff=workflow.by_staff,
        )


@strawberry.type(description="One step a message took.")
class NotificationMessageTransition:
    state_before: MessageState | None
    state_after: MessageState
    provider: str | None
    code: str | None = strawberry.field(description="Why, where there is a reason.")
    occurred_at: datetime

    @classmethod
    def of(cls, row: MessageTransitionRow) -> NotificationMessageTransition:
        """Returns the step as the API shows it."""
        return cls(
            state_before=row.state_before,
            state_after=row.state_after,
            provider=row.provider,
            code=row.code,
            occurred_at=row.occurred_at,
        )


@strawberry.type(description="A notification over one channel, and what became of it. No address is shown.")
class NotificationMessage:
    row: strawberry.Private[MessageRow]
    id: strawberry.ID
    notification_id: strawberry.ID
    channel: Channel
    workflow: str
    topic: Topic
    state: MessageState
    due_at: datetime
    attempts: int
    provider: str | None
    last_error: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: MessageRow) -> NotificationMessage:
        """Returns the message as the API shows it."""
        return cls(
            row=row,
            id=text_id(row.id),
            notification_id=text_id(row.notification_id),
            channel=row.channel,
            workflow=row.workflow,
            topic=row.topic,
            state=row.state,
            due_at=row.due_at,
            attempts=row.attempts,
            provider=row.provider,
            last_error=row.last_error,
            sent_at=row.sent_at,
            delivered_at=row.delivered_at,
            created_at=row.created_at,
        )

    @strawberry.field(description="Whom it is for.")
    def recipient(self) -> User:
        return User(id=text_id(self.row.user_id))

    @strawberry.field(description="Every step it took, the first one first.")
    async def transitions(self, info: Info) -> list[NotificationMessageTransition]:
        rows = await info.context.loaders.get(load_transitions).load(self.row.id)
        return [NotificationMessageTransition.of(row) for row in rows]


@strawberry.type(description="One version of a text; an organization's own, or the platform's.")
class NotificationTemplate:
    id: strawberry.ID
    key: str = strawberry.field(description="The workflow it is for.")
    channel: Channel
    locale: LocaleEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    number: int = strawberry.field(description="1, 2, 3 ... of one key, channel and language.")
    status: TemplateStatus
    subject: str | None
    body: str
    html: str | None
    is_own: bool = strawberry.field(description="Whether the organization can publish it.")
    published_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: TemplateRow) -> NotificationTemplate:
        """Returns the version as the API shows it."""
        return cls(
            id=text_id(row.id),
            key=row.key,
            channel=row.channel,
            locale=row.locale,
            number=row.number,
            status=row.status,
            subject=row.subject,
            body=row.body,
            html=row.html,
            is_own=row.organization_id is not None,
            published_at=row.published_at,
            created_at=row.created_at,
        )


@strawberry.type(description="What keeps a text from being published.")
class NotificationTemplateFault:
    code: str
    part: str = strawberry.field(description="subject, body, html, variables or example.")
    message: str
    line: int | None

    @classmethod
    def of(cls, fault: TemplateFault) -> NotificationTemplateFault:
        """Returns the fault as the API shows it."""
        return cls(code=fault.code, part=fault.part, message=fault.message, line=fault.line)


@strawberry.type(description="How a text reads with the example of its workflow.")
class NotificationTemplatePreview:
    subject: str | None
    text: str | None
    html: str | None = strawberry.field(description="The whole page of a mail.")
    faults: list[NotificationTemplateFault]

    @classmethod
    def of(cls, shown: Preview) -> NotificationTemplatePreview:
        """Returns the preview as the API shows it."""
        faults = [NotificationTemplateFault.of(each) for each in shown.faults]
        return cls(subject=shown.subject, text=shown.text, html=shown.html, faults=faults)


@strawberry.type(description="An address the organization writes to no more.")
class NotificationSuppression:
    id: strawberry.ID
    channel: Channel
    address: str
    reason: SuppressionReason
    created_at: datetime

    @classmethod
    def of(cls, row: SuppressionRow) -> NotificationSuppression:
        """Returns the entry as the API shows it."""
        return cls(
            id=text_id(row.id),
            channel=row.channel,
            address=row.address,
            reason=row.reason,
            created_at=row.created_at,
        )
