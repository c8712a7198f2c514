"""The outbox can be relayed and what arrives is remembered: see `subgraphs.kit.kit_tables`."""

from __future__ import annotations

from subgraphs.kit.kit_tables import add_event_backbone, drop_event_backbone

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the event backbone."""
    add_event_backbone()


def downgrade() -> None:
    """Takes it away again."""
    drop_event_backbone()
