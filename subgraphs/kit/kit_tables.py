"""The kit's tables as every domain's first migration creates them.

Frozen: a later change of these tables is a new function here, called by a new revision of each domain.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def create_kit_tables() -> None:
    """Creates `idempotency_keys` and `outbox_events`."""
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("response", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    _create_outbox()


def drop_kit_tables() -> None:
    """Drops what `create_kit_tables` made."""
    op.drop_table("outbox_events")
    op.drop_table("idempotency_keys")


def _create_outbox() -> None:
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_events"),
        sa.UniqueConstraint("sequence", name="uq_outbox_events_sequence"),
    )
    op.create_index(
        "ix_outbox_events_unpublished",
        "outbox_events",
        ["sequence"],
        postgresql_where=sa.text("published_at IS NULL"),
    )


OUTBOX_CHANNEL = "outbox_events"
_WAITING = sa.text("published_at IS NULL AND poisoned_at IS NULL")

# Once per statement, not per row; equal notifications of one transaction are one anyway.
NOTIFY_OUTBOX = f"""
CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('{OUTBOX_CHANNEL}', ''); RETURN NULL; END $$
"""
TRIGGER_OUTBOX = """
CREATE TRIGGER outbox_events_notify AFTER INSERT ON outbox_events
FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox()
"""


def add_event_backbone() -> None:
    """Gives the outbox what the relay needs, wakes it by NOTIFY, and creates `inbox_events`."""
    for column in (
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("tracestate", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("poisoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("outbox_events", column)
    op.drop_index("ix_outbox_events_unpublished", "outbox_events")
    op.create_index("ix_outbox_events_waiting", "outbox_events", ["sequence"], postgresql_where=_WAITING)
    op.create_index(
        "ix_outbox_events_waiting_subject",
        "outbox_events",
        ["subject", "sequence"],
        postgresql_where=_WAITING,
    )
    op.create_index("ix_outbox_events_published_at", "outbox_events", ["published_at"])
    op.execute(NOTIFY_OUTBOX)
    op.execute(TRIGGER_OUTBOX)
    _create_inbox()


def drop_event_backbone() -> None:
    """Takes away what `add_event_backbone` gave."""
    op.drop_table("inbox_events")
    op.execute("DROP TRIGGER outbox_events_notify ON outbox_events")
    op.execute("DROP FUNCTION notify_outbox()")
    for index in ("published_at", "waiting_subject", "waiting"):
        op.drop_index(f"ix_outbox_events_{index}", "outbox_events")
    op.create_index(
        "ix_outbox_events_unpublished",
        "outbox_events",
        ["sequence"],
        postgresql_where=sa.text("published_at IS NULL"),
    )
    for column in (
        "edition",
        "poisoned_at",
        "last_error",
        "next_attempt_at",
        "attempts",
        "tracestate",
        "traceparent",
    ):
        op.drop_column("outbox_events", column)


def _create_inbox() -> None:
    op.create_table(
        "inbox_events",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_inbox_events"),
    )
    op.create_index("ix_inbox_events_handled_at", "inbox_events", ["handled_at"])
