"""Feeds as a domain declares them: in its SDL, held to by the schema, never run by the subgraph."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import strawberry
from strawberry import federation

from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource
from router.supergraph import load_supergraph
from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.event_feeds import ReadByTheRouter, event_feed, read_by_the_router
from subgraphs.kit.schema import KitSchema


@federation.type(keys=["id"])
class Parcel:
    id: strawberry.ID


@strawberry.type
class Query:
    @fields.query(allow=Public())
    async def parcel(self) -> Parcel | None:
        return None


@strawberry.type
class Subscription:
    @event_feed("parcel.moved", "parcel.lost", where=("tenant = viewer.org", "subject = $id"))
    async def parcel_moved(self, id: strawberry.ID | None = None) -> AsyncGenerator[Parcel | None, None]:  # noqa: A002 - the argument's name
        async for _ in read_by_the_router():
            yield None


@strawberry.type
class Streamed:
    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        yield 1


def test_a_feed_reaches_the_router_by_composition() -> None:
    sdl = KitSchema(query=Query, subscription=Subscription, types=[Parcel]).as_str()
    composed = compose_supergraph([SubgraphSource("parcels", sdl, "http://parcels.test", "parcels")])
    assert composed.supergraph_sdl is not None, composed.diagnostics
    supergraph = load_supergraph(composed.supergraph_sdl)
    (feed,) = [each.feed for each in supergraph.subgraphs.values() if each.feed is not None]
    assert (feed.field, feed.types) == ("parcelMoved", ("parcel.moved", "parcel.lost"))
    assert feed.topics == ("parcel",)
    assert [condition.text for condition in feed.where] == ["tenant = viewer.org", "subject = $id"]
    assert [each.name for each in supergraph.services] == ["parcels"]


def test_a_subscription_without_events_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Streamed\.ticks does not say which events make it"):
        KitSchema(query=Query, subscription=Streamed)


async def test_a_subgraph_does_not_run_a_feed() -> None:
    with pytest.raises(ReadByTheRouter, match="which the router reads"):
        await anext(Subscription().parcel_moved())
