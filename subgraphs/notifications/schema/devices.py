"""The phones and browsers a user registered for push messages, as the API shows them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from subgraphs.notifications.model.tables import DeviceRow
from subgraphs.notifications.schema.enums import DevicePlatform


@strawberry.type(description="A phone or browser that takes push messages. Its token is never shown.")
class NotificationDevice:
    id: strawberry.ID
    platform: DevicePlatform
    name: str | None
    registered_at: datetime

    @classmethod
    def of(cls, row: DeviceRow) -> NotificationDevice:
        """Returns the device as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            platform=row.platform,
            name=row.name,
            registered_at=row.registered_at,
        )
