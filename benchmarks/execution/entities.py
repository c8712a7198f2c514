"""One domain's entities behind `_entities`: as plain Strawberry answers them, and as the kit does.

The plain schema is what a subgraph is without a kit: `resolve_reference` per representation with a DataLoader
inside, and every request parsed, validated and executed by Strawberry.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
from strawberry import federation
from strawberry.dataloader import DataLoader

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.auth.keys import generate_signing_key
from subgraphs.kit.context import Info, RequestContext
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.ids import read_id
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings

QUERY = """
query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Part { id sku name position weight stock isSold note maker { id name } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class PartRow:
    """What a database would hold."""

    id: UUID
    sku: str
    position: int


# Made beforehand: neither contender is to be measured by what its client does.
_IDS = [str(UUID(int=number)) for number in range(100)]


def representations(count: int) -> list[dict[str, str]]:
    """Returns what a router would send for so many entities, at most 100."""
    return [{"__typename": "Part", "id": text} for text in _IDS[:count]]


async def find_parts(keys: Sequence[UUID]) -> list[PartRow | None]:
    """Stands for one statement over all keys."""
    return [PartRow(key, f"SKU-{key.int}", key.int) for key in keys]


@strawberry.type
class Maker:
    id: strawberry.ID
    name: str


class PartFields:
    """The fields both schemas' entity has."""

    @classmethod
    def of(cls, row: PartRow) -> Any:
        """Returns the part as the API shows it."""
        make: Any = cls
        return make(
            id=strawberry.ID(str(row.id)),
            sku=row.sku,
            name=f"Part {row.position}",
            position=row.position,
            weight=row.position / 4,
            is_sold=row.position % 2 == 0,
            note=None,
            maker=Maker(id=strawberry.ID("m1"), name="Maghreb Works"),
        )


@federation.type(name="Part", keys=["id"])
class PlainPart(PartFields):
    id: strawberry.ID
    sku: str
    name: str
    position: int
    weight: float
    is_sold: bool
    note: str | None
    maker: Maker

    @strawberry.field
    async def stock(self, info: strawberry.Info) -> int:
        row = await info.context["parts"].load(UUID(self.id))
        return row.position * 3

    @classmethod
    async def resolve_reference(cls, info: strawberry.Info, id: strawberry.ID) -> Any:  # noqa: A002
        """Answers the router, one entity at a time."""
        row = await info.context["parts"].load(UUID(id))
        return cls.of(row) if row is not None else None


@strawberry.type(name="Query")
class PlainQuery:
    @strawberry.field
    def part(self) -> PlainPart | None:
        return None


def plain_schema() -> federation.Schema:
    """Returns the schema of a Strawberry subgraph without the kit."""
    return federation.Schema(query=PlainQuery, types=[PlainPart])


async def load_parts(_: RequestContext, keys: Sequence[UUID]) -> list[PartRow | None]:
    """Loads parts for the kit's entity."""
    return await find_parts(keys)


@federation.type(name="Part", keys=["id"])
class KitPart(PartFields):
    id: strawberry.ID
    sku: str
    name: str
    position: int
    weight: float
    is_sold: bool
    note: str | None
    maker: Maker

    @strawberry.field
    async def stock(self, info: Info) -> int:
        row = await info.context.loaders.get(load_parts).load(read_id(self.id))
        assert row is not None
        return row.position * 3

    @classmethod
    async def resolve_references(cls, info: Info, representations: Sequence[Representation]) -> Sequence[Any]:
        """Answers the router, all entities together."""
        return await load_entities(info.context.loaders.get(load_parts), representations, cls.of)


@strawberry.type(name="Query")
class KitQuery:
    @fields.query(allow=Public())
    def part(self) -> KitPart | None:
        return None


def kit_app() -> SubgraphApp:
    """Returns the same entity in a subgraph of the kit; no request reaches its database."""
    settings = KitSettings(
        signing_key=generate_signing_key(), internal_secret="benchmark-secret-0123456789abc"
    )
    return SubgraphApp("parts", settings, KitSchema(query=KitQuery, types=[KitPart]))


Ask = Callable[[int], Awaitable[Any]]


def ask_plain() -> Ask:
    """Returns a request to the plain schema."""
    schema = plain_schema()

    async def ask(count: int) -> Any:
        context = {"parts": DataLoader(load_fn=find_parts)}
        result = await schema.execute(
            QUERY, {"representations": representations(count)}, context_value=context
        )
        assert not result.errors, result.errors
        return result.data

    return ask


def ask_kit() -> Ask:
    """Returns a request to the kit's subgraph, in process."""
    app = kit_app()

    async def ask(count: int) -> Any:
        response = await app.execute(QUERY, {"representations": representations(count)})
        assert "errors" not in response, response
        return response["data"]

    return ask
