"""What a request asks below a field, for resolvers that load for their whole list at once."""

from __future__ import annotations

from subgraphs.kit.context import Info
from subgraphs.kit.execution import asked_paths


def asks(info: Info, *paths: str) -> bool:
    """Whether the request asks one of these below the field: `stock`, `nodes.variants`; GraphQL's names."""
    return not asked_paths(info._raw_info).isdisjoint(paths)  # noqa: SLF001 - Strawberry shows it nowhere else
