"""The edge of every mutation: one transaction, and refusals told as `userErrors`.

A DomainError rolls the transaction back and becomes an entry of the payload. A deadlock or serialization
failure is run again, which is safe because nothing outside the database happens inside a transaction.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver

from subgraphs.kit.context import Info
from subgraphs.kit.errors import Conflict, DomainError, Refusals
from subgraphs.kit.user_errors import refused_payload

ATTEMPTS_MAX = 4
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock detected
_PAUSE_S = 0.02


class RefusalsAsData(FieldExtension):
    """Turns DomainErrors into `userErrors`; for sagas, whose use-case opens its own transactions."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Returns the resolver's payload, or one that tells of the refusals."""
        try:
            return await next_(source, info, **kwargs)
        except (DomainError, Refusals, StaleDataError) as error:
            return refused_payload(_payload_type(info), _refusals_in(error))


class OneTransaction(FieldExtension):
    """Runs the resolver in a transaction that commits when it returns and rolls back when it raises."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Returns the resolver's payload after the commit."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                async with info.context.writing():
                    return await next_(source, info, **kwargs)
            except DBAPIError as error:
                if attempt == ATTEMPTS_MAX or not _is_retryable(error):
                    raise
                # Jitter, so that two transactions that met do not meet again in step.
                await asyncio.sleep(_PAUSE_S * attempt * (1 + random.random()))  # noqa: S311 - not a secret
        raise AssertionError("the last attempt either returned or raised")


def _payload_type(info: Info) -> Any:
    return info.return_type


def _refusals_in(error: DomainError | Refusals | StaleDataError) -> Sequence[DomainError]:
    if isinstance(error, Refusals):
        return error.errors
    if isinstance(error, StaleDataError):
        return [Conflict("Changed meanwhile by somebody else")]
    return [error]


def _is_retryable(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _RETRYABLE_SQLSTATES
