"""The running subscriptions of one process: who is served by which group, within the limits."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from router.config import SubscriptionsConfig
from router.errors import ClientError
from router.executor.transport.client import SubgraphClient
from router.executor.transport.stream import Streams
from router.pipeline.rate_limits.rules import network_of
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.pipeline.subscription import PreparedSubscription
from router.pipeline.subscriptions.batching import BatchingClient
from router.pipeline.subscriptions.delivery import EndReason, Ids
from router.pipeline.subscriptions.execution import Counts, EventExecution
from router.pipeline.subscriptions.feed_group import FeedGroup
from router.pipeline.subscriptions.group import GroupLimits
from router.pipeline.subscriptions.heartbeats import Heartbeats
from router.pipeline.subscriptions.reload import reload_groups
from router.pipeline.subscriptions.revocation import RevocationListener
from router.pipeline.subscriptions.subscriber import Subscriber
from router.pipeline.subscriptions.upstream_group import UpstreamGroup
from router.pipeline.subscriptions.viewer import Viewer, ViewerReader
from router.realtime import (
    Audience,
    FeedSource,
    FeedUnavailableError,
    PositionError,
    TopicTail,
    UnmetConditionError,
    bind_feed,
    decode_position,
)
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading

if TYPE_CHECKING:  # loaded where the settings ask for it: see router.authentication
    from router.authentication.authenticator import Authenticator

_log = structlog.stdlib.get_logger("router.subscriptions")

IPV6_PREFIX = 64
"""What one client has of IPv6: a network, not an address."""
AnyGroup = FeedGroup | UpstreamGroup
_EXPIRED = ResponseError("The credentials of this subscription have expired", ErrorCode.UNAUTHENTICATED.name)
_RENEWED = ResponseError(
    "This subscription cannot go on under other credentials; subscribe anew", ErrorCode.UNAUTHENTICATED.name
)
_REVOKED = ResponseError("The session of this subscription has ended", ErrorCode.UNAUTHENTICATED.name)


class SubscriptionHub:
    """Opens subscriptions over the router of the moment; `adopt` gives it that, and a newer one later.

    `propagated` are the client's headers that reach subgraphs; `feeds` is where event feeds are read.
    """

    def __init__(
        self,
        config: SubscriptionsConfig,
        propagated: tuple[str, ...],
        *,
        feeds: FeedSource | None = None,
        authenticator: Authenticator | None = None,
    ) -> None:
        self.config = config
        self._authenticator = authenticator
        self.viewers = (
            ViewerReader(propagated)
            if authenticator is None
            else ViewerReader(propagated, authenticator.authenticate, authenticator.config.credential_headers)
        )
        self._limits = GroupLimits(
            config.events_resolving_max,
            config.events_pending_max,
            config.replay_events_max,
            config.replay_bytes_max,
        )
        self._tail = TopicTail(feeds) if feeds is not None else None
        self._groups: dict[Hashable, AnyGroup] = {}
        self._subscribers: set[Subscriber] = set()
        self._accounts: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()
        self._heartbeats = Heartbeats(config.heartbeat_ms / 1000)
        self._revoked: OrderedDict[str, None] = OrderedDict()
        self._revocations = RevocationListener(config.revocation, self.revoke)
        self._counts = Counts()
        self._router: Router | None = None
        self._clients: Mapping[str, SubgraphClient] = {}
        self._streams: Streams = {}
        self.is_draining = False

    # --- the router of the moment

    async def adopt(self, router: Router, streams: Streams) -> None:
        """Goes on over another router; what it answers in the same way is not interrupted."""
        self._router, self._streams = router, streams
        size = self.config.batch_representations_max
        self._clients = {name: BatchingClient(name, client, size) for name, client in router.clients.items()}
        await reload_groups([*self._groups.values()], router, self._clients, streams)

    def start(self) -> None:
        """Begins to listen for sessions that end."""
        if self._tail is not None:
            self._revocations.start(self._tail)

    async def close(self) -> None:
        """Ends everything."""
        self.is_draining = True
        for subscriber in [*self._subscribers]:
            subscriber.end(EndReason.DRAINING, at_once=True)
            subscriber.close()
        self._heartbeats.close()
        self._revocations.close()
        if self._tail is not None:
            await self._tail.close()

    # --- opening

    async def subscribe(
        self,
        request: GraphQLRequest,
        context: RequestContext,
        *,
        viewer: Viewer | None = None,
        resume_from: str | None = None,
    ) -> Subscriber | GraphQLResult:
        """Returns the client's end of a running subscription, or the result that refuses it.

        A subscriber must be closed.
        """
        try:
            viewer = viewer or await self.viewers.read(context.headers)
            self.check_viewer(viewer)
            context.scope.caller = viewer.caller
            prepared = await self._prepare(request, context)
            if isinstance(prepared, GraphQLResult):
                return prepared
            network = network_of(context.client_address, IPV6_PREFIX)
            self._check_limits(viewer, network)
            resume_from = resume_from or _resume_from(request)
            return await self._open(prepared, viewer, resume_from, network)
        except ClientError as error:
            return GraphQLResult.refused(ResponseError.of(error))

    async def _prepare(
        self, request: GraphQLRequest, context: RequestContext
    ) -> PreparedSubscription | GraphQLResult:
        while (router := self._router) is not None:
            prepared = await router.prepare_subscription(request, context)
            if router is self._router:  # else another was adopted meanwhile
                return prepared
        raise AssertionError("a hub adopts a router before it opens")

    async def _open(
        self, prepared: PreparedSubscription, viewer: Viewer, resume_from: str | None, network: str
    ) -> Subscriber:
        after = _position_of(prepared, resume_from)
        subscriber = Subscriber(viewer, self.config.queue_events_max, self.config.when_slow, network)
        self._enter(subscriber)
        try:
            group = self._group_of(prepared, viewer)
            if isinstance(group, FeedGroup):
                await self._join_feed(group, subscriber, after)
            else:
                group.admit(subscriber)
        except BaseException:
            subscriber.close()
            raise
        self._watch_expiry(subscriber)
        return subscriber

    async def _join_feed(self, group: FeedGroup, subscriber: Subscriber, after: Ids | None) -> None:
        group.subscribers.add(subscriber)  # so that the group stays while it opens
        try:
            await group.ready()
        except FeedUnavailableError as error:
            group.leave(subscriber)
            raise ClientError("The events cannot be read at the moment", "FEED_UNAVAILABLE") from error
        except BaseException:
            group.leave(subscriber)
            raise
        if group.is_closed:
            group.leave(subscriber)
            raise ClientError(
                "The schema has changed meanwhile; subscribe anew", "SUBSCRIPTION_SCHEMA_RELOAD"
            )
        group.admit(subscriber, after)

    def _make_group(self, key: Hashable, prepared: PreparedSubscription, viewer: Viewer) -> AnyGroup:
        execution = EventExecution(
            prepared, self._clients, viewer, self.config.event_timeout_ms / 1000, self._counts
        )
        on_empty = self._remover(key)
        if prepared.feed is not None:
            if self._tail is None:
                raise ClientError("No event feed is configured", "FEED_UNAVAILABLE")
            try:
                admitted = bind_feed(prepared.feed, Audience(prepared.arguments, viewer.claims))
            except UnmetConditionError as error:
                code = ErrorCode.FORBIDDEN if viewer.claims else ErrorCode.UNAUTHENTICATED
                raise ClientError("You may not subscribe to this", code.name) from error
            return FeedGroup(self._tail, admitted, execution, self._limits, on_empty)
        stream = self._streams.get(prepared.root.service)
        if stream is None:
            message = f'The subgraph "{prepared.root.service}" takes no subscriptions'
            raise ClientError(message, "OPERATION_NOT_SUPPORTED")
        return UpstreamGroup(stream, execution, self._limits, on_empty)

    def _remover(self, key: Hashable) -> Callable[[], None]:
        def remove() -> None:
            group = self._groups.get(key)
            if group is not None and group.is_closed:
                del self._groups[key]

        return remove

    # --- who is served

    def _enter(self, subscriber: Subscriber) -> None:
        self._subscribers.add(subscriber)
        self._count(subscriber, +1)
        subscriber.on_close = self._forget
        self._heartbeats.add(subscriber)

    def _forget(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)
        self._count(subscriber, -1)

    def _count(self, subscriber: Subscriber, change: int) -> None:
        for counted, name in (
            (self._accounts, subscriber.viewer.account),
            (self._networks, subscriber.network or None),
        ):
            if name is not None:
                counted[name] += change
                if counted[name] <= 0:
                    del counted[name]

    def _check_limits(self, viewer: Viewer, network: str) -> None:
        if self.is_draining:
            raise ClientError("The router is stopping; subscribe anew", "OVERLOADED")
        if len(self._subscribers) >= self.config.subscriptions_max:
            raise ClientError("The router runs as many subscriptions as it may", "OVERLOADED")
        account = viewer.account
        if account is not None and self._accounts[account] >= self.config.subscriptions_per_viewer_max:
            message = f"More than {self.config.subscriptions_per_viewer_max} subscriptions of one viewer"
            raise ClientError(message, "SUBSCRIPTION_LIMIT_EXCEEDED")
        most = self.config.subscriptions_per_address_max
        if most and network and self._networks[network] >= most:
            message = f"More than {most} subscriptions from one address"
            raise ClientError(message, "SUBSCRIPTION_LIMIT_EXCEEDED")

    def check_viewer(self, viewer: Viewer) -> None:
        """Raises ClientError when the viewer's credentials or session have ended."""
        if viewer.expires_at is not None and viewer.expires_at <= time.time():
            raise ClientError(_EXPIRED.message, _EXPIRED.code)
        if self._session_of(viewer) in self._revoked:
            raise ClientError(_REVOKED.message, _REVOKED.code)

    def _watch_expiry(self, subscriber: Subscriber) -> None:
        if subscriber.expiry is not None:
            subscriber.expiry.cancel()
            subscriber.expiry = None
        expires_at = subscriber.viewer.expires_at
        if expires_at is not None:
            loop = asyncio.get_running_loop()
            subscriber.expiry = loop.call_later(max(expires_at - time.time(), 0), self._expire, subscriber)

    @staticmethod
    def _expire(subscriber: Subscriber) -> None:
        subscriber.end(EndReason.UNAUTHENTICATED, _EXPIRED, at_once=True)

    async def kind_of(self, request: GraphQLRequest) -> str | None:
        """Returns the kind of operation; None for a request that will be refused."""
        assert self._router is not None, "a hub adopts a router before it opens"
        return await self._router.kind_of(request)

    async def renew(self, subscriber: Subscriber, viewer: Viewer) -> None:
        """Goes on with newer credentials, in another group where they may show something else."""
        group = next((each for each in self._groups.values() if subscriber in each.subscribers), None)
        is_same = viewer.share_key == subscriber.viewer.share_key
        self._count(subscriber, -1)
        subscriber.viewer = viewer
        self._count(subscriber, +1)
        self._watch_expiry(subscriber)
        if group is None:
            return
        if is_same or (isinstance(group, UpstreamGroup) and len(group.subscribers) == 1):
            # Of those who may see the same, the newest credentials hold longest.
            group.execution.viewer = viewer
        elif isinstance(group, FeedGroup):
            await self._move(group, subscriber)
        else:
            subscriber.end(EndReason.FAILED, _RENEWED)

    async def _move(self, old: FeedGroup, subscriber: Subscriber) -> None:
        """Takes a subscriber to the group of its viewer, at the position it is at."""
        prepared, viewer = old.execution.subscription, subscriber.viewer
        try:
            group = self._group_of(prepared, viewer)
            assert isinstance(group, FeedGroup), "a feed stays a feed"
            old.leave(subscriber)
            await self._join_feed(group, subscriber, subscriber.after)
        except ClientError as error:
            subscriber.end(EndReason.FAILED, ResponseError.of(error))

    def _group_of(self, prepared: PreparedSubscription, viewer: Viewer) -> AnyGroup:
        key = _group_key(prepared, viewer)
        group = self._groups.get(key)
        if group is None or group.is_closed:
            group = self._groups[key] = self._make_group(key, prepared, viewer)
        return group

    def revoke(self, session: str) -> None:
        """Ends what a session runs, and refuses what it would open; its token may live on a while."""
        if self._authenticator is not None:
            self._authenticator.end_session(session)
        self._revoked[session] = None
        if len(self._revoked) > self.config.revocation.remembered_max:
            self._revoked.popitem(last=False)
        for subscriber in [*self._subscribers]:
            if self._session_of(subscriber.viewer) == session:
                subscriber.end(EndReason.UNAUTHENTICATED, _REVOKED, at_once=True)

    def _session_of(self, viewer: Viewer) -> str | None:
        value = viewer.claims.get(self.config.revocation.claim)
        return str(value) if value is not None else None

    # --- for telemetry

    def readings(self) -> Iterator[Reading]:
        """Yields how much runs and was delivered, for metrics."""
        yield Reading(catalogue.SUBSCRIPTIONS, len(self._subscribers))
        yield Reading(catalogue.SUBSCRIPTION_GROUPS, len(self._groups))
        yield Reading(catalogue.SUBSCRIPTIONS_BEHIND, sum(each.is_behind for each in self._subscribers))
        yield Reading(catalogue.SUBSCRIPTION_EVENTS, self._counts.events)
        yield Reading(catalogue.SUBSCRIPTION_DELIVERIES, self._counts.deliveries)
        if self._tail is not None:
            yield from self._tail.counts.readings()

    def snapshot(self) -> dict[str, int]:
        """Returns how much runs at the moment."""
        return {
            "subscribers": len(self._subscribers),
            "groups": len(self._groups),
            "viewers": len(self._accounts),
        }


def _resume_from(request: GraphQLRequest) -> str | None:
    value: Any = request.extensions.get("resumeFrom")
    if value is not None and not isinstance(value, str):
        raise ClientError('"resumeFrom" must be a position, which is a string', "BAD_USER_INPUT")
    return value or None


def _position_of(prepared: PreparedSubscription, resume_from: str | None) -> Ids | None:
    if resume_from is None:
        return None
    if prepared.feed is None:
        raise ClientError("This subscription tells no positions to resume from", "RESUME_NOT_SUPPORTED")
    try:
        return decode_position(resume_from, len(prepared.feed.topics))
    except PositionError as error:
        raise ClientError(str(error), "BAD_USER_INPUT") from error


def _group_key(prepared: PreparedSubscription, viewer: Viewer) -> Hashable:
    request = prepared.request
    variables = orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS)
    return (request.query, request.operation_name, variables, viewer.share_key)
