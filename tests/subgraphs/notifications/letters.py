"""Letters to send, as delivery makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import Locale
from subgraphs.notifications.channels.letter import Letter
from subgraphs.notifications.states import Channel, Topic

ARABIC = "تأكيد طلبك رقم 1007 من متجر الزليج التقليدي في مدينة تلمسان"


def letter(**changes: Any) -> Letter:
    """Returns a mail in Arabic, changed."""
    values: dict[str, Any] = {
        "id": new_id(),
        "channel": Channel.EMAIL,
        "address": "bilal@example.dz",
        "subject": ARABIC,
        "text": "شكرا على طلبك.",
        "html": '<html dir="rtl"><p>شكرا على طلبك.</p></html>',
        "locale": Locale.AR,
        "topic": Topic.ORDERS,
        "written_at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
        "unsubscribe_url": "http://127.0.0.1:4000/notifications/unsubscribe?token=" + "a" * 300,
    }
    return Letter(**{**values, **changes})
