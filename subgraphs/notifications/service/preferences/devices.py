"""The phones and browsers that take a user's push messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.people_queries import delete_device, delete_oldest_devices, write_device
from subgraphs.notifications.model.tables import DeviceRow
from subgraphs.notifications.states import DevicePlatform

DEVICES_MAX = 20
"""Of one user; the one registered longest ago makes room."""
TOKEN_LENGTH_MAX = 4_096
NAME_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class Registration:
    """What an app tells of the device it runs on."""

    platform: DevicePlatform
    token: str
    name: str | None


async def register_device(
    session: AsyncSession, user_id: UUID, given: Registration, now: datetime
) -> DeviceRow:
    """Returns the device; a token somebody else had registered is this user's from now on."""
    if not 0 < len(given.token.strip()) <= len(given.token) <= TOKEN_LENGTH_MAX:
        raise InvalidInput(f"A token has 1 to {TOKEN_LENGTH_MAX} characters", field=["input", "token"])
    if given.name is not None and len(given.name) > NAME_LENGTH_MAX:
        raise InvalidInput(f"A name has at most {NAME_LENGTH_MAX} characters", field=["input", "name"])
    values = {
        "id": new_id(),
        "user_id": user_id,
        "platform": given.platform,
        "token": given.token,
        "name": given.name,
        "registered_at": now,
    }
    device = await write_device(session, values)
    await delete_oldest_devices(session, user_id, DEVICES_MAX)
    return device


async def unregister_device(session: AsyncSession, user_id: UUID, device_id: UUID | None) -> UUID:
    """Returns the id of the user's device that is gone."""
    if device_id is None or not await delete_device(session, user_id, device_id):
        raise NotFound("You have no such device", field=["id"])
    return device_id
