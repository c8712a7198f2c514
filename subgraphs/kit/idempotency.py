"""Idempotency keys: a retried request finds the first one's result instead of a second effect.

The key's row is inserted before the effect and in its transaction. A concurrent duplicate waits on the
primary key: when the first commits it replays, when the first rolls back (a refusal, a crash) it goes on
itself. So refusals are not remembered, and a corrected retry may use the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import IdempotencyConflict, InvalidInput
from subgraphs.kit.tables import IdempotencyKeyRow

KEY_LENGTH_MAX = 255


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One request under a key: whose and which mutation (`scope`), the caller's key, a hash of the body."""

    scope: str
    key: str
    body_hash: bytes

    @classmethod
    def of(cls, viewer: Viewer, mutation: str, key: str, body: Any) -> IdempotentRequest:
        """Returns the request; `body` is the mutation's input (a Strawberry input or any JSON-like value)."""
        if not key.strip() or len(key) > KEY_LENGTH_MAX:
            raise InvalidInput(
                f"The key must have 1 to {KEY_LENGTH_MAX} characters", field=["idempotencyKey"]
            )
        owner = viewer.organization_id or viewer.user_id or viewer.service or "anonymous"
        return cls(f"{owner}/{mutation}", key, hash_body(body))


def hash_body(body: Any) -> bytes:
    """Returns a hash equal for equal bodies whatever the order of their keys."""
    text = orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(text).digest()


async def find_response(session: AsyncSession, request: IdempotentRequest) -> Any | None:
    """Returns what the request answered the first time, or None when it has not been carried out.

    Raises IdempotencyConflict when the key belongs to another body.
    """
    statement = select(IdempotencyKeyRow.request_hash, IdempotencyKeyRow.response).where(
        IdempotencyKeyRow.scope == request.scope, IdempotencyKeyRow.key == request.key
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    if found.request_hash != request.body_hash:
        raise IdempotencyConflict(
            "The idempotency key was already used with another request", field=["idempotencyKey"]
        )
    return found.response


async def once(
    session: AsyncSession, request: IdempotentRequest, effect: Callable[[], Awaitable[Any]]
) -> Any:
    """Returns the effect's result (a JSON value, usually ids), running it only for the first request."""
    claim = insert(IdempotencyKeyRow).values(
        scope=request.scope, key=request.key, request_hash=request.body_hash
    )
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(IdempotencyKeyRow.key))
    if claimed.one_or_none() is None:
        return await find_response(session, request)
    response = await effect()
    await session.execute(
        update(IdempotencyKeyRow)
        .where(IdempotencyKeyRow.scope == request.scope, IdempotencyKeyRow.key == request.key)
        .values(response=response)
    )
    return response
