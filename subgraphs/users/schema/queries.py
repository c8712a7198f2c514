"""The users domain's root queries."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.scalars import JSON

from subgraphs.kit import fields
from subgraphs.kit.access import IsUser
from subgraphs.kit.context import Info
from subgraphs.users.model.queries import addresses_of, consents_of, profiles_by_users
from subgraphs.users.schema.types import ConsentEntry, UserAddress
from subgraphs.users.service.erase_user import FIELDS


@strawberry.type
class Query:
    @fields.query(allow=IsUser(), description="Everything the viewer has told here, as one document.")
    async def my_profile_export(self, info: Info) -> JSON:
        context = info.context
        user_id = context.viewer.user_id
        assert user_id is not None, "IsUser admits users alone"
        row = (await profiles_by_users(context.session, [user_id])).get(user_id)
        profile: dict[str, Any] = {name: getattr(row, name) for name in FIELDS} if row is not None else {}
        addresses = await addresses_of(context.session, user_id)
        consents = await consents_of(context.session, user_id)
        document: Any = {
            "userId": str(user_id),
            "exportedAt": context.clock.now().isoformat(),
            "profile": profile,
            "visibility": row.audiences if row is not None else {},
            "preferences": row.preferences if row is not None else {},
            "addresses": [strawberry.asdict(UserAddress.of(each)) for each in addresses],
            "consents": [
                {
                    **strawberry.asdict(ConsentEntry.of(each)),
                    "recorded_at": each.recorded_at.isoformat(),
                    "client_address": each.client_address,
                }
                for each in consents
            ],
        }
        return document
