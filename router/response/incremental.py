"""An answer in parts (@defer), before it is put in one of the formats clients speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from router.response.result import GraphQLResult, ResponseError

ResponsePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """A deferred fragment at one object of the response, to be delivered later under `id`."""

    id: str
    path: ResponsePath
    label: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a deferred fragment answers for one object.

    `data` is all the fragment asks, what was delivered before included; None when a null in it reached the
    top, which the errors tell.
    """

    pending: Pending
    data: dict[str, Any] | None
    errors: tuple[ResponseError, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload: the first has the initial `result`, the others deliver what earlier ones announced.

    `announced` are the fragments this payload makes pending; `has_next` tells whether any is left.
    """

    result: GraphQLResult | None = None
    announced: tuple[Pending, ...] = ()
    delivered: tuple[Delivery, ...] = ()
    has_next: bool = False
