"""The root queries of notifications."""

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.notifications.schema.enums import Topic
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
