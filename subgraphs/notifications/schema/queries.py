"""The root queries of notifications."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, Public
from subgraphs.kit.context import Info
from subgraphs.kit.errors import BadUserInput, DomainError
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.page import fetch_page
from subgraphs.notifications.model import message_queries, suppression_list, template_versions
from subgraphs.notifications.schema.access import MANAGE_NOTIFICATIONS, READ_NOTIFICATIONS
from subgraphs.notifications.schema.administration_inputs import (
    MESSAGE_WHERE_COLUMNS,
    SUPPRESSION_WHERE_COLUMNS,
    TEMPLATE_WHERE_COLUMNS,
    NotificationMessageWhere,
    NotificationSuppressionWhere,
    NotificationTemplateInput,
    NotificationTemplateWhere,
)
from subgraphs.notifications.schema.administration_types import (
    NotificationMessage,
    NotificationSuppression,
    NotificationTemplate,
    NotificationTemplatePreview,
    NotificationWorkflow,
)
from subgraphs.notifications.schema.enums import Topic
from subgraphs.notifications.schema.viewers import organization_of
from subgraphs.notifications.service.administration.template_versions import preview
from subgraphs.notifications.service.workflows.catalogue import WORKFLOWS
from subgraphs.notifications.states import CRITICAL_TOPICS


@strawberry.type(description="A topic one can be told of.")
class NotificationTopicRule:
    topic: Topic
    critical: bool = strawberry.field(description="Whether it cannot be switched off.")


@strawberry.type
class Query:
    @fields.query(allow=Public(), description="What there is to be told of.")
    def notification_topics(self) -> list[NotificationTopicRule]:
        return [NotificationTopicRule(topic=each, critical=each in CRITICAL_TOPICS) for each in Topic]

    @fields.query(
        allow=HasPermission(READ_NOTIFICATIONS), description="Every kind of notification, and who starts it."
    )
    def notification_workflows(self) -> list[NotificationWorkflow]:
        return [NotificationWorkflow.of(each) for each in WORKFLOWS.values()]

    @fields.listing(
        allow=HasPermission(READ_NOTIFICATIONS),
        description="What became of the organization's messages, the newest first.",
    )
    async def notification_messages(
        self, info: Info, page: PageArguments, where: NotificationMessageWhere | None = None
    ) -> Connection[NotificationMessage]:
        statement = message_queries.messages_of_organization(organization_of(info))
        statement = statement.where(compile_where(where, MESSAGE_WHERE_COLUMNS))
        found = await fetch_page(info.context.session, statement, message_queries.NEWEST_FIRST, page)
        return Connection.of(found, NotificationMessage.of)

    @fields.listing(
        allow=HasPermission(READ_NOTIFICATIONS),
        description="The organization's own texts and those for everybody, the newest first.",
    )
    async def notification_templates(
        self, info: Info, page: PageArguments, where: NotificationTemplateWhere | None = None
    ) -> Connection[NotificationTemplate]:
        statement = template_versions.templates_visible_to(organization_of(info))
        statement = statement.where(compile_where(where, TEMPLATE_WHERE_COLUMNS))
        found = await fetch_page(info.context.session, statement, template_versions.NEWEST_FIRST, page)
        return Connection.of(found, NotificationTemplate.of)

    @fields.query(
        allow=HasPermission(MANAGE_NOTIFICATIONS),
        description="How a text would read, or what is wrong with it; nothing is stored.",
    )
    def preview_template(self, input: NotificationTemplateInput) -> NotificationTemplatePreview:
        try:
            return NotificationTemplatePreview.of(preview(input.to_draft()))
        except DomainError as error:
            raise BadUserInput(error.message) from error

    @fields.listing(
        allow=HasPermission(READ_NOTIFICATIONS),
        description="The addresses the organization writes to no more, the newest first.",
    )
    async def notification_suppressions(
        self, info: Info, page: PageArguments, where: NotificationSuppressionWhere | None = None
    ) -> Connection[NotificationSuppression]:
        statement = suppression_list.suppressions_of_organization(organization_of(info))
        statement = statement.where(compile_where(where, SUPPRESSION_WHERE_COLUMNS))
        found = await fetch_page(info.context.session, statement, suppression_list.NEWEST_FIRST, page)
        return Connection.of(found, NotificationSuppression.of)
