"""The channels, topics and states of notifications; the steps a message may take are one table."""

from __future__ import annotations

from enum import Enum


class Channel(Enum):
    """How a person is reached."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"


class Topic(Enum):
    """What a notification is about, as people choose what they want to hear of."""

    ACCOUNT = "ACCOUNT"
    SECURITY = "SECURITY"
    ORDERS = "ORDERS"
    SALES = "SALES"
    STOCK = "STOCK"
    ANNOUNCEMENTS = "ANNOUNCEMENTS"


CRITICAL_TOPICS = frozenset({Topic.SECURITY})
"""What nobody can switch off, and neither quiet hours nor a digest hold back."""


class MessageState(Enum):
    """What became of a message."""

    PENDING = "PENDING"
    """It waits for its moment, or for another attempt."""
    SENDING = "SENDING"
    """A worker holds it until `claimed_until`."""
    SENT = "SENT"
    """A provider took it."""
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    FAILED = "FAILED"
    """Given up: see `last_error`."""
    SUPPRESSED = "SUPPRESSED"
    """The address must not be written to."""
    SKIPPED = "SKIPPED"
    """Not wanted, or nowhere to send it."""
    CANCELLED = "CANCELLED"
    """Its cause disappeared before it was sent."""


MESSAGE_STEPS = frozenset(
    {
        (MessageState.PENDING, MessageState.SENDING),
        (MessageState.PENDING, MessageState.CANCELLED),
        # Another message of its digest tells it along.
        (MessageState.PENDING, MessageState.SKIPPED),
        (MessageState.SENDING, MessageState.PENDING),
        (MessageState.SENDING, MessageState.SENT),
        (MessageState.SENDING, MessageState.DELIVERED),
        (MessageState.SENDING, MessageState.FAILED),
        (MessageState.SENDING, MessageState.SUPPRESSED),
        (MessageState.SENDING, MessageState.SKIPPED),
        (MessageState.SENDING, MessageState.CANCELLED),
        (MessageState.SENT, MessageState.DELIVERED),
        (MessageState.SENT, MessageState.BOUNCED),
        (MessageState.SENT, MessageState.FAILED),
        # A server may take a mail and find out later that the mailbox is gone.
        (MessageState.DELIVERED, MessageState.BOUNCED),
    }
)


class DigestState(Enum):
    """Whether a window still takes messages."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class TemplateStatus(Enum):
    """Where a version of a template stands; of one key, channel and locale at most one is published."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class SuppressionReason(Enum):
    """Why an address must not be written to."""

    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    MANUAL = "MANUAL"


class DevicePlatform(Enum):
    """What kind of push address a token is."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"
