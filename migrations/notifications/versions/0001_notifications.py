"""Notifications, inboxes and messages; contacts, preferences and members; templates and suppressions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from subgraphs.kit.kit_tables import (
    add_event_backbone,
    create_kit_tables,
    drop_event_backbone,
    drop_kit_tables,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IN_ORDER = (
    "notifications",
    "inbox_items",
    "digests",
    "messages",
    "message_transitions",
    "templates",
    "suppressions",
    "provider_settings",
    "contacts",
    "preferences",
    "quiet_hours",
    "devices",
    "members",
    "member_roles",
)


def upgrade() -> None:
    """Creates the first tables of notifications."""
    create_kit_tables()
    add_event_backbone()
    for create in (
        _create_notifications,
        _create_inbox_items,
        _create_digests,
        _create_messages,
        _create_message_transitions,
        _create_templates,
        _create_suppressions,
        _create_provider_settings,
        _create_contacts,
        _create_preferences,
        _create_quiet_hours,
        _create_devices,
        _create_members,
        _create_member_roles,
    ):
        create()


def downgrade() -> None:
    """Drops them."""
    for table in reversed(_IN_ORDER):
        op.drop_table(table)
    drop_event_backbone()
    drop_kit_tables()


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _state(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(24), nullable=nullable)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str, *, default: bool = False) -> sa.Column[object]:
    empty = sa.text("'{}'::jsonb") if default else None
    return sa.Column(name, JSONB(), nullable=False, server_default=empty)


def _moment(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    now = sa.text("now()") if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=now)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        _id("user_id"),
        _text("name", nullable=True),
        _text("email", nullable=True),
        _text("phone", nullable=True),
        _state("locale"),
        _text("zone"),
        _moment("as_of"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_contacts"),
    )


def _create_devices() -> None:
    op.create_table(
        "devices",
        _id("user_id"),
        _state("platform"),
        _text("token"),
        _text("name", nullable=True),
        _moment("registered_at"),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("token", name="uq_devices_token"),
    )
    op.create_index("ix_devices_user_id", "devices", ["user_id"])


def _create_digests() -> None:
    op.create_table(
        "digests",
        _id("user_id"),
        _id("organization_id", nullable=True),
        _state("channel"),
        _text("digest_key"),
        _moment("window_starts_at"),
        _moment("window_ends_at"),
        _state("state"),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.CheckConstraint("window_starts_at < window_ends_at", name="ck_digests_window"),
        sa.UniqueConstraint(
            "user_id",
            "channel",
            "digest_key",
            "window_starts_at",
            name="uq_digests_user_id_channel_digest_key_window_starts_at",
        ),
    )
    op.create_index(
        "ix_digests_open", "digests", ["window_ends_at"], postgresql_where=sa.text("state = 'OPEN'")
    )


def _create_member_roles() -> None:
    op.create_table(
        "member_roles",
        _id("organization_id"),
        _text("name"),
        sa.Column("permissions", ARRAY(sa.Text()), nullable=False),
        _moment("as_of"),
        sa.PrimaryKeyConstraint("organization_id", "name", name="pk_member_roles"),
    )


def _create_members() -> None:
    op.create_table(
        "members",
        _id("organization_id"),
        _id("user_id"),
        _text("role", nullable=True),
        _moment("as_of"),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name="pk_members"),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        _id("organization_id", nullable=True),
        _id("user_id"),
        _text("workflow"),
        _text("transaction_key"),
        _state("topic"),
        _flag("critical"),
        _json("payload"),
        _state("locale"),
        _text("cause", nullable=True),
        _moment("due_at"),
        _moment("created_at"),
        _moment("cancelled_at", nullable=True),
        _id("id"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint(
            "workflow", "transaction_key", "user_id", name="uq_notifications_workflow_transaction_key_user_id"
        ),
    )
    op.create_index(
        "ix_notifications_cause", "notifications", ["cause"], postgresql_where=sa.text("cause IS NOT NULL")
    )
    op.create_index(
        "ix_notifications_organization_id_created_at",
        "notifications",
        ["organization_id", "created_at", "id"],
    )
    op.create_index("ix_notifications_user_id_created_at", "notifications", ["user_id", "created_at", "id"])


def _create_preferences() -> None:
    op.create_table(
        "preferences",
        _id("user_id"),
        _state("channel"),
        _state("topic"),
        _flag("is_enabled"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("user_id", "channel", "topic", name="pk_preferences"),
    )


def _create_provider_settings() -> None:
    op.create_table(
        "provider_settings",
        _id("organization_id"),
        _state("channel"),
        _count("position"),
        _text("provider"),
        _text("url", nullable=True),
        _text("secret_reference", nullable=True),
        _json("options", default=True),
        _flag("is_enabled"),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        _version(),
        sa.PrimaryKeyConstraint("id", name="pk_provider_settings"),
        sa.UniqueConstraint(
            "organization_id",
            "channel",
            "position",
            name="uq_provider_settings_organization_id_channel_position",
        ),
    )


def _create_quiet_hours() -> None:
    op.create_table(
        "quiet_hours",
        _id("user_id"),
        _text("zone"),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        _version(),
        sa.PrimaryKeyConstraint("user_id", name="pk_quiet_hours"),
        sa.CheckConstraint("starts_at <> ends_at", name="ck_quiet_hours_span"),
    )


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        _id("organization_id", nullable=True),
        _state("channel"),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        _text("address"),
        _state("reason"),
        _id("created_by", nullable=True),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint(
            "organization_id",
            "channel",
            "address_hash",
            name="uq_suppressions_address",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_suppressions_organization_id_created_at", "suppressions", ["organization_id", "created_at", "id"]
    )


def _create_templates() -> None:
    op.create_table(
        "templates",
        _id("organization_id", nullable=True),
        _text("key"),
        _state("channel"),
        _state("locale"),
        _count("number"),
        _state("status"),
        _text("subject", nullable=True),
        _text("body"),
        _text("html", nullable=True),
        _json("variables"),
        _json("example"),
        _id("created_by", nullable=True),
        _moment("published_at", nullable=True),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_templates"),
        sa.UniqueConstraint(
            "organization_id",
            "key",
            "channel",
            "locale",
            "number",
            name="uq_templates_number",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "uq_templates_published",
        "templates",
        ["organization_id", "key", "channel", "locale"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )


def _create_inbox_items() -> None:
    op.create_table(
        "inbox_items",
        _id("notification_id"),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _id("user_id"),
        _id("organization_id", nullable=True),
        _text("workflow"),
        _state("topic"),
        _flag("critical"),
        _json("title"),
        _json("body"),
        _text("cause", nullable=True),
        _moment("seen_at", nullable=True),
        _moment("read_at", nullable=True),
        _moment("archived_at", nullable=True),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("notification_id", name="pk_inbox_items"),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_inbox_items_notification_id"
        ),
        sa.UniqueConstraint("position", name="uq_inbox_items_position"),
    )
    op.create_index(
        "ix_inbox_items_unread",
        "inbox_items",
        ["user_id", "position"],
        postgresql_where=sa.text("read_at IS NULL AND archived_at IS NULL"),
    )
    op.create_index("ix_inbox_items_user_id_position", "inbox_items", ["user_id", "position"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        _id("notification_id"),
        _id("organization_id", nullable=True),
        _id("user_id"),
        _state("channel"),
        _count("step"),
        _text("workflow"),
        _state("topic"),
        _flag("critical"),
        _state("state"),
        _moment("due_at"),
        _count("attempts"),
        _id("claim", nullable=True),
        _moment("claimed_until", nullable=True),
        _text("provider", nullable=True),
        _text("provider_message_id", nullable=True),
        _text("last_error", nullable=True),
        _id("digest_id", nullable=True),
        _moment("sent_at", nullable=True),
        _moment("delivered_at", nullable=True),
        _id("id"),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.CheckConstraint("attempts >= 0", name="ck_messages_attempts"),
        sa.CheckConstraint("(state = 'SENDING') = (claim IS NOT NULL)", name="ck_messages_claim"),
        sa.CheckConstraint("(claim IS NULL) = (claimed_until IS NULL)", name="ck_messages_claimed_until"),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name="fk_messages_digest_id"),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_messages_notification_id"
        ),
        sa.UniqueConstraint(
            "notification_id", "channel", "step", name="uq_messages_notification_id_channel_step"
        ),
    )
    op.create_index(
        "ix_messages_claimed", "messages", ["claimed_until"], postgresql_where=sa.text("state = 'SENDING'")
    )
    op.create_index(
        "ix_messages_digest_id", "messages", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL")
    )
    op.create_index(
        "ix_messages_due", "messages", ["due_at", "id"], postgresql_where=sa.text("state = 'PENDING'")
    )
    op.create_index(
        "ix_messages_organization_id_created_at", "messages", ["organization_id", "created_at", "id"]
    )
    op.create_index(
        "ix_messages_provider_message_id",
        "messages",
        ["provider", "provider_message_id"],
        postgresql_where=sa.text("provider_message_id IS NOT NULL"),
    )
    op.create_index("ix_messages_user_id_created_at", "messages", ["user_id", "created_at"])


def _create_message_transitions() -> None:
    op.create_table(
        "message_transitions",
        _id("message_id"),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _state("state_before", nullable=True),
        _state("state_after"),
        _text("provider", nullable=True),
        _text("code", nullable=True),
        _moment("occurred_at"),
        _id("id"),
        sa.PrimaryKeyConstraint("id", name="pk_message_transitions"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_message_transitions_message_id"),
        sa.UniqueConstraint("sequence", name="uq_message_transitions_sequence"),
    )
    op.create_index(
        "ix_message_transitions_message_id_sequence", "message_transitions", ["message_id", "sequence"]
    )
