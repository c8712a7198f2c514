"""The tables of notifications: what was said and what became of it here, whom it concerns in `people`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.kit.tables import Identified, Timestamped, Versioned
from subgraphs.notifications.model.base import Base
from subgraphs.notifications.model.delivery_tables import ReceiptRow, SendSlotRow
from subgraphs.notifications.model.people import (
    ContactRow,
    DeviceRow,
    MemberRoleRow,
    MemberRow,
    PreferenceRow,
    QuietHoursRow,
)
from subgraphs.notifications.states import (
    Channel,
    DigestState,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)

__all__ = [
    "Base",
    "ContactRow",
    "DeviceRow",
    "DigestRow",
    "InboxItemRow",
    "MemberRoleRow",
    "MemberRow",
    "MessageRow",
    "MessageTransitionRow",
    "NotificationRow",
    "PreferenceRow",
    "ProviderSettingsRow",
    "QuietHoursRow",
    "ReceiptRow",
    "SendSlotRow",
    "SuppressionRow",
    "TemplateRow",
]

_UNREAD = text("read_at IS NULL AND archived_at IS NULL")


class NotificationRow(Identified, Base):
    """That one user is told of one thing. Its id is made of the three columns that are unique together."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("workflow", "transaction_key", "user_id"),
        Index("ix_notifications_organization_id_created_at", "organization_id", "created_at", "id"),
        Index("ix_notifications_user_id_created_at", "user_id", "created_at", "id"),
        Index("ix_notifications_cause", "cause", postgresql_where=text("cause IS NOT NULL")),
    )

    organization_id: Mapped[UUID | None]
    """The tenant it is about; None for the platform's own."""
    user_id: Mapped[UUID]
    workflow: Mapped[str]
    transaction_key: Mapped[str]
    topic: Mapped[Topic]
    critical: Mapped[bool]
    payload: Mapped[dict[str, Any]]
    """The workflow's variables, checked when it was started."""
    locale: Mapped[Locale]
    """The recipient's language at that moment; delivery asks their contact again."""
    cause: Mapped[str | None]
    """What it is about, as `order:<id>`: what is still PENDING is cancelled when that disappears."""
    due_at: Mapped[datetime]
    """When its workflow begins: now, or the moment staff chose."""
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class InboxItemRow(Timestamped, Base):
    """A notification as its recipient sees it in the app, in every language it is written in."""

    __tablename__ = "inbox_items"
    __table_args__ = (
        Index("ix_inbox_items_user_id_position", "user_id", "position"),
        Index("ix_inbox_items_unread", "user_id", "position", postgresql_where=_UNREAD),
    )

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    user_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    workflow: Mapped[str]
    topic: Mapped[Topic]
    critical: Mapped[bool]
    title: Mapped[LocalizedText]
    body: Mapped[LocalizedText]
    cause: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class DigestRow(Identified, Timestamped, Base):
    """One window in which messages of a key to one user wait to be sent as one."""

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("user_id", "channel", "digest_key", "window_starts_at"),
        CheckConstraint("window_starts_at < window_ends_at", name="window"),
        Index("ix_digests_open", "window_ends_at", postgresql_where=text("state = 'OPEN'")),
    )

    user_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    channel: Mapped[Channel]
    digest_key: Mapped[str]
    """The workflow and what the messages have in common, as `order_received:<organization>`."""
    window_starts_at: Mapped[datetime]
    window_ends_at: Mapped[datetime]
    state: Mapped[DigestState]


class MessageRow(Identified, Timestamped, Base):
    """One delivery of a notification over one channel. Its id is made of the notification, channel and step.

    PENDING and due, it may be claimed: SENDING until `claimed_until`, under the lease `claim`. Whoever holds
    the claim, and nobody else, moves it on.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel", "step"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(state = 'SENDING') = (claim IS NOT NULL)", name="claim"),
        CheckConstraint("(claim IS NULL) = (claimed_until IS NULL)", name="claimed_until"),
        Index("ix_messages_due", "due_at", "id", postgresql_where=text("state = 'PENDING'")),
        Index("ix_messages_claimed", "claimed_until", postgresql_where=text("state = 'SENDING'")),
        Index("ix_messages_organization_id_created_at", "organization_id", "created_at", "id"),
        Index("ix_messages_user_id_created_at", "user_id", "created_at"),
        Index("ix_messages_digest_id", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index(
            "ix_messages_provider_message_id",
            "provider",
            "provider_message_id",
            postgresql_where=text("provider_message_id IS NOT NULL"),
        ),
    )

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id"))
    organization_id: Mapped[UUID | None]
    user_id: Mapped[UUID]
    channel: Mapped[Channel]
    step: Mapped[int]
    """Which step of the workflow made it, from 0."""
    workflow: Mapped[str]
    topic: Mapped[Topic]
    critical: Mapped[bool]
    state: Mapped[MessageState]
    due_at: Mapped[datetime]
    slot_at: Mapped[datetime | None]
    """Its turn within the limits of user, organization and channel; it takes only one."""
    attempts: Mapped[int]
    claim: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None]
    provider: Mapped[str | None]
    provider_message_id: Mapped[str | None]
    last_error: Mapped[str | None]
    """A code, never an address or a text of the provider's."""
    digest_id: Mapped[UUID | None] = mapped_column(ForeignKey("digests.id"))
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class MessageTransitionRow(Identified, Base):
    """One step a message took."""

    __tablename__ = "message_transitions"
    __table_args__ = (Index("ix_message_transitions_message_id_sequence", "message_id", "sequence"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"))
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    state_before: Mapped[MessageState | None]
    state_after: Mapped[MessageState]
    provider: Mapped[str | None]
    code: Mapped[str | None]
    """Why, where there is a reason."""
    occurred_at: Mapped[datetime]


class TemplateRow(Identified, Timestamped, Base):
    """One version of a text for a workflow, channel and language; an organization's, or the platform's."""

    __tablename__ = "templates"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "key",
            "channel",
            "locale",
            "number",
            name="uq_templates_number",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "uq_templates_published",
            "organization_id",
            "key",
            "channel",
            "locale",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("status = 'PUBLISHED'"),
        ),
    )

    organization_id: Mapped[UUID | None]
    key: Mapped[str]
    channel: Mapped[Channel]
    locale: Mapped[Locale]
    number: Mapped[int]
    """1, 2, 3 ... of one key, channel and locale."""
    status: Mapped[TemplateStatus]
    subject: Mapped[str | None]
    body: Mapped[str]
    html: Mapped[str | None]
    variables: Mapped[dict[str, Any]]
    """The JSON Schema of the variables the texts may use."""
    example: Mapped[dict[str, Any]]
    created_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]


class SuppressionRow(Identified, Timestamped, Base):
    """An address that must not be written to, on behalf of an organization or of the platform."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "channel",
            "address_hash",
            name="uq_suppressions_address",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_suppressions_organization_id_created_at", "organization_id", "created_at", "id"),
    )

    organization_id: Mapped[UUID | None]
    channel: Mapped[Channel]
    address_hash: Mapped[bytes]
    """SHA-256 of the normalised address: by it one is looked for."""
    address: Mapped[str]
    reason: Mapped[SuppressionReason]
    created_by: Mapped[UUID | None]


class ProviderSettingsRow(Identified, Timestamped, Versioned, Base):
    """A provider an organization sends over; several of a channel are tried by position."""

    __tablename__ = "provider_settings"
    __table_args__ = (UniqueConstraint("organization_id", "channel", "position"),)

    organization_id: Mapped[UUID]
    channel: Mapped[Channel]
    position: Mapped[int]
    provider: Mapped[str]
    url: Mapped[str | None]
    secret_reference: Mapped[str | None]
    """The name under which the secret is found; never the secret."""
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    is_enabled: Mapped[bool]
