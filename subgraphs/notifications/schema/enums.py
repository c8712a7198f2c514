"""The channels, topics and states, made known to the API; the schema imports them from here."""

from __future__ import annotations

import strawberry

from subgraphs.notifications.states import (
    Channel,
    DevicePlatform,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)

__all__ = ["Channel", "DevicePlatform", "MessageState", "SuppressionReason", "TemplateStatus", "Topic"]

# Strawberry marks the class itself and returns it, so the names above stay types.
strawberry.enum(Channel, name="NotificationChannel", description="How a person is reached.")
strawberry.enum(
    Topic, name="NotificationTopic", description="What a notification is about; SECURITY is critical."
)
strawberry.enum(
    MessageState, name="NotificationMessageState", description="What became of a message over one channel."
)
strawberry.enum(
    TemplateStatus, name="NotificationTemplateStatus", description="Where a version of a template stands."
)
strawberry.enum(SuppressionReason, description="Why an address must not be written to.")
strawberry.enum(DevicePlatform, description="What kind of push address a token is.")
