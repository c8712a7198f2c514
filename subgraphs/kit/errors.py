"""The errors a subgraph raises, and who is told what.

    Exception
    ├── ClientError               the whole operation is refused; message and code are safe to send
    │   ├── Unauthenticated       UNAUTHENTICATED
    │   ├── Forbidden             FORBIDDEN
    │   ├── BadUserInput          BAD_USER_INPUT
    │   └── QueryTooComplex       QUERY_TOO_COMPLEX
    ├── DomainError               an expected refusal; becomes an entry of the payload's `userErrors`
    │   ├── NotFound              NOT_FOUND
    │   ├── Conflict              CONFLICT: somebody else changed it first
    │   ├── InvalidInput          INVALID_INPUT
    │   ├── NotAllowed            NOT_ALLOWED: permitted to call, not on this object
    │   └── IdempotencyConflict   IDEMPOTENCY_CONFLICT: the key was used with another body
    └── Refusals                  several DomainErrors at once

Anything else is a fault of ours: logged in full with the request id, sent as INTERNAL_SERVER_ERROR.
"""

# ruff: noqa: N818 - a refusal reads as a sentence (StockExhausted), as its code does

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar


class ClientError(Exception):
    """The request as a whole cannot be served, and the caller may know why."""

    code: ClassVar[str] = "BAD_REQUEST"

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: Mapping[str, Any] = extensions


class Unauthenticated(ClientError):
    """No valid credentials."""

    code = "UNAUTHENTICATED"


class Forbidden(ClientError):
    """Known caller, missing permission."""

    code = "FORBIDDEN"


class BadUserInput(ClientError):
    """An argument that no reading of the schema allows."""

    code = "BAD_USER_INPUT"


class QueryTooComplex(ClientError):
    """The document passes one of the limits."""

    code = "QUERY_TOO_COMPLEX"


class DomainError(Exception):
    """An expected refusal. Subclasses set `code`, which stands in the domain's error-code enum."""

    code: ClassVar[str]

    def __init__(self, message: str, *, field: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = list(field) if field is not None else None

    def details(self) -> Mapping[str, Any]:
        """Returns what the domain's own error type tells beyond code, message and field."""
        return {}


class NotFound(DomainError):
    """Nothing by that id that the viewer may know of."""

    code = "NOT_FOUND"


class Conflict(DomainError):
    """The object's version is not the one the caller saw."""

    code = "CONFLICT"


class InvalidInput(DomainError):
    """A value the business rules do not allow."""

    code = "INVALID_INPUT"


class NotAllowed(DomainError):
    """The viewer may call the mutation but not on this object."""

    code = "NOT_ALLOWED"


class IdempotencyConflict(DomainError):
    """The idempotency key was already used with another request."""

    code = "IDEMPOTENCY_CONFLICT"


COMMON_CODES = frozenset(
    error.code for error in (NotFound, Conflict, InvalidInput, NotAllowed, IdempotencyConflict)
)


class Refusals(Exception):
    """Several refusals told together, so that a form can show all of them."""

    def __init__(self, errors: Sequence[DomainError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


def check_all(*checks: Callable[[], object]) -> None:
    """Runs every check and raises what they refuse: one refusal as itself, several as Refusals."""
    errors: list[DomainError] = []
    for check in checks:
        try:
            check()
        except DomainError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Refusals(errors)
