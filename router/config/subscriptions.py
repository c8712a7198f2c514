"""Subscriptions: of clients at the router, and of the router at subgraphs and at the event bus."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from router.config.event_streams import EventStreamsConfig
from router.config.section import Section

SlowPolicy = Literal["catch_up", "drop_oldest", "close"]


class UpstreamConfig(Section):
    """Subscriptions at subgraphs."""

    protocol: Literal["websocket", "sse"] = "websocket"
    """`websocket` is graphql-transport-ws, `sse` the distinct connections mode of graphql-sse."""
    connections_max: int = Field(default=256, ge=1)
    """Connections to one subgraph; over SSE each carries one subscription."""
    subscriptions_per_connection_max: int = Field(default=200, ge=1)
    """Subscriptions that share one WebSocket."""
    events_waiting_max: int = Field(default=512, ge=1)
    """Events of one subscription that may wait to be taken; a faster subgraph loses that subscription."""
    message_bytes_max: int = Field(default=10_000_000, ge=1_000)
    connect_timeout_ms: int = Field(default=5_000, ge=1)
    idle_timeout_ms: int = Field(default=10_000, ge=0)
    """A WebSocket that carries no subscription is closed after this."""
    ping_interval_ms: int = Field(default=20_000, ge=100)
    silence_timeout_ms: int = Field(default=120_000, ge=100)
    """The longest silence on an event stream; servers send comments well before."""


class UpstreamSubgraphConfig(Section):
    """What differs for one subgraph."""

    protocol: Literal["websocket", "sse"] | None = None
    url: str | None = None
    """Where it takes subscriptions; else its ordinary address."""


class FeedsConfig(EventStreamsConfig):
    """Where event-driven subscriptions read their events; without an address, feeds are refused."""


class RevocationConfig(Section):
    """How the router learns that a session has ended before its token did."""

    event: str | None = None
    """The type of the events that name ended sessions; none: nothing is listened to. It counts for every
    request, not only for subscriptions."""
    path: str = "data.session_id"
    """Where in the event the session stands."""
    claim: str = "sid"
    """The claim of the viewer that it is compared with."""
    remembered_max: int = Field(default=100_000, ge=1)


class SubscriptionsConfig(Section):
    """What clients may subscribe to, and how much of it."""

    enabled: bool = True
    init_timeout_ms: int = Field(default=10_000, ge=1)
    """How long a WebSocket may stay silent before `connection_init`; closed with 4408 after it."""
    heartbeat_ms: int = Field(default=10_000, ge=50)
    """The longest silence towards a client; proxies give up on silent connections."""
    connections_max: int = Field(default=20_000, ge=1)
    """WebSockets and event streams of this process."""
    connections_per_address_max: int = Field(default=0, ge=0)
    """Of these, from one address (of IPv6, one /64 network); 0 for any number. Behind a proxy it needs
    `server.trusted_proxies`, or all clients share the proxy's address."""
    subscriptions_max: int = Field(default=50_000, ge=1)
    """Running subscriptions of this process."""
    subscriptions_per_address_max: int = Field(default=0, ge=0)
    """Of these, from one address, counted as connections are; 0 for any number."""
    subscriptions_per_connection_max: int = Field(default=100, ge=1)
    """Operations running on one WebSocket or one shared event stream."""
    subscriptions_per_viewer_max: int = Field(default=200, ge=1)
    """Running subscriptions of one viewer, whatever the connection; anonymous clients count by connection."""
    queue_events_max: int = Field(default=64, ge=1, le=10_000)
    """Events that wait for one slow client."""
    when_slow: SlowPolicy = "catch_up"
    """What happens to a client whose queue is full. `catch_up`: it reads the rest from the topic at its own
    pace (other subscriptions than feeds are closed); `drop_oldest`: it is told how many it lost; `close`."""
    send_timeout_ms: int = Field(default=30_000, ge=100)
    """A client that takes no byte for so long is cut off."""
    event_timeout_ms: int = Field(default=20_000, ge=1)
    """Resolving one event by federation."""
    events_resolving_max: int = Field(default=16, ge=1)
    """Events of one subscription resolved side by side; they are delivered in order all the same."""
    events_pending_max: int = Field(default=1_000, ge=1)
    """Events of one subscription that wait to be resolved."""
    replay_events_max: int = Field(default=128, ge=0)
    """Resolved events kept per subscription for clients that come back at once."""
    replay_bytes_max: int = Field(default=1_000_000, ge=0)
    batch_representations_max: int = Field(default=500, ge=1)
    """Entities that many subscriptions ask for in one request."""
    drain_ms: int = Field(default=5_000, ge=0)
    """Over how long clients are sent away when the router stops, so that they do not come back at once."""
    upstream: UpstreamConfig = UpstreamConfig()
    subgraphs: dict[str, UpstreamSubgraphConfig] = Field(default_factory=dict)
    feeds: FeedsConfig = FeedsConfig()
    revocation: RevocationConfig = RevocationConfig()
