"""The two subgraphs of the benchmark: ticks come from one, each with an order that the other adds to."""

from __future__ import annotations

from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"{}])\n'
_FEED = """@link(url: "https://zellige.dev/feed/v0.1", import: ["@eventFeed"])
@composeDirective(name: "@eventFeed")
directive @eventFeed(events: [String!]!, object: String! = "id: subject", where: [String!])
  on FIELD_DEFINITION
"""
_TICKS = """
type Query {{ hello: String }}
type Subscription {{ tick: Tick {feed} }}
type Tick {{ sentAt: Float! order: Order }}
type Order @key(fields: "id") {{ id: ID! }}
"""
_BILLING = """
type Query { bills: Int }
type Order @key(fields: "id") { id: ID! total: Int! }
"""
QUERY = "subscription { tick { sentAt order { id total } } }"


def supergraph_sdl(url: str, *, has_feed: bool) -> str:
    """Returns the supergraph; with a feed, ticks are events of the bus."""
    feed = '@eventFeed(events: ["tick"], object: "sentAt: data.sent_at, order { id: subject }")'
    ticks = _LINK.format(', "@composeDirective"' if has_feed else "") + (_FEED if has_feed else "")
    ticks += _TICKS.format(feed=feed if has_feed else "")
    sources = [
        SubgraphSource("ticks", ticks, f"{url}/ticks", "ticks"),
        SubgraphSource("billing", _LINK.format("") + _BILLING, f"{url}/billing", "billing"),
    ]
    composed = compose_supergraph(sources)
    assert composed.supergraph_sdl is not None, composed.diagnostics
    return composed.supergraph_sdl
