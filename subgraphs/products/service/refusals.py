"""Where in the input a refusal points: use-cases know the draft, their callers where the draft stood."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from subgraphs.kit.errors import DomainError, Refusals


@contextmanager
def refusals_under(*path: str) -> Iterator[None]:
    """Puts the path before the fields of refusals raised in the block."""
    try:
        yield
    except (DomainError, Refusals) as refusal:
        for error in errors_of(refusal):
            error.field = [*path, *(error.field or ())]
        raise


def errors_of(refusal: DomainError | Refusals) -> tuple[DomainError, ...]:
    """Returns the refusals told together, or the one."""
    return refusal.errors if isinstance(refusal, Refusals) else (refusal,)
