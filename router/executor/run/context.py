"""What the fetches of one operation share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec import field as struct_field

from router.executor.merge.mask import ErrorMask
from router.executor.run.earlier import EarlierFetch
from router.executor.transport.client import RequestScope, SubgraphClient
from router.response.result import ResponseError


class FetchContext(Struct, frozen=True):
    """The clients by subgraph name, the client's variables, and the headers sent on (lower-case names).

    `scope` goes with every request to a subgraph. `earlier` are fetches that need not be sent again. `mask`
    says what clients are told of subgraphs' errors; without it, all.
    """

    clients: Mapping[str, SubgraphClient]
    variables: Mapping[str, Any] = struct_field(default_factory=dict)
    headers: Mapping[str, str] = struct_field(default_factory=dict)
    scope: RequestScope = struct_field(default_factory=RequestScope)
    earlier: Mapping[int, EarlierFetch] = struct_field(default_factory=dict)
    mask: ErrorMask | None = None


@dataclass(slots=True)
class PlanState:
    """The merged data so far, and the errors."""

    data: dict[str, Any] = field(default_factory=dict)
    errors: list[ResponseError] = field(default_factory=list)
