"""The tables of delivery: whose turn it is, and which receipts were heard already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.model.base import Base


class SendSlotRow(Base):
    """Up to when the turns of a user, an organization or a channel are given away."""

    __tablename__ = "send_slots"
    __table_args__ = (Index("ix_send_slots_next_at", "next_at"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class ReceiptRow(Base):
    """A receipt that had its effect; the provider may tell it again."""

    __tablename__ = "receipts"
    __table_args__ = (Index("ix_receipts_received_at", "received_at"),)

    provider: Mapped[str] = mapped_column(primary_key=True)
    receipt_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
