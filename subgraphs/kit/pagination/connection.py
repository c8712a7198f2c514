"""The GraphQL side of a page: `Connection[Product]` becomes ProductConnection with ProductEdge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import federation

from subgraphs.kit.caching import PART_OF_ITS_OWNER
from subgraphs.kit.pagination.page import Page

N = TypeVar("N")
T = TypeVar("T")


@federation.type(
    shareable=True, description="Where a page stands in its list.", directives=[PART_OF_ITS_OWNER]
)
class PageInfo:
    page: strawberry.Private[Page[Any]]

    @strawberry.field
    async def has_next_page(self) -> bool:
        return await self.page.has_next()

    @strawberry.field
    async def has_previous_page(self) -> bool:
        return await self.page.has_previous()

    @strawberry.field
    def start_cursor(self) -> str | None:
        return self.page.cursor(0) if self.page.items else None

    @strawberry.field
    def end_cursor(self) -> str | None:
        return self.page.cursor(-1) if self.page.items else None


@strawberry.type(description="One item and its place.", directives=[PART_OF_ITS_OWNER])
class Edge(Generic[N]):
    cursor: str
    node: N


def _edges_of(self: Any) -> Any:
    return [Edge(cursor=self.page.cursor(place), node=node) for place, node in enumerate(self.nodes)]


@strawberry.type(description="A page of a list.", directives=[PART_OF_ITS_OWNER])
class Connection(Generic[N]):
    page: strawberry.Private[Page[Any]]
    edges: list[Edge[N]] = strawberry.field(resolver=_edges_of)
    nodes: list[N]

    @strawberry.field
    def page_info(self) -> PageInfo:
        return PageInfo(page=self.page)

    @strawberry.field(description="The length of the whole list; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.page.source.count()

    @classmethod
    def of(cls, page: Page[T], convert: Callable[[T], N]) -> Connection[N]:
        """Returns the page as a connection of the converted rows."""
        return cls(page=page, nodes=[convert(item) for item in page.items])
