"""The protocol every transport to a subgraph implements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """One GraphQL operation for one subgraph. `headers` have lower-case names."""

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_mutation: bool = False


@dataclass(frozen=True, slots=True)
class SubgraphResponse:
    """A parsed GraphQL response; `data` and `errors` are as the subgraph sent them (errors may be empty)."""

    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    http_status: int = 200


class SubgraphClient(Protocol):
    """Sends operations to one subgraph.

    `execute` raises `router.errors.SubgraphError` when no GraphQL response could be read; GraphQL errors
    are returned, never raised.
    """

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation."""
        ...

    async def close(self) -> None:
        """Releases connections; no call follows."""
        ...
