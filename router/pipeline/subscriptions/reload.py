"""Carries running subscriptions over to another router.

A subscription goes on when its root is the same on the new supergraph: the same feed, or the same operation
at the same subgraph. How the rest of each event is fetched may change between two events. Any other is ended
with SUBSCRIPTION_SCHEMA_RELOAD, and its client may subscribe anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from router.executor.transport.client import RequestScope, SubgraphClient
from router.executor.transport.stream import Streams
from router.pipeline.request import RequestContext
from router.pipeline.router import Router
from router.pipeline.subscription import PreparedSubscription
from router.pipeline.subscriptions.delivery import EndReason
from router.pipeline.subscriptions.feed_group import FeedGroup, is_same_feed
from router.pipeline.subscriptions.upstream_group import UpstreamGroup
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError

_RELOADED = ResponseError(
    "The schema has changed under this subscription; subscribe anew",
    ErrorCode.SUBSCRIPTION_SCHEMA_RELOAD.name,
)


async def reload_groups(
    groups: Iterable[FeedGroup | UpstreamGroup],
    router: Router,
    clients: Mapping[str, SubgraphClient],
    streams: Streams,
) -> None:
    """Lets each group go on over the new router, or ends it."""
    for group in groups:
        execution = group.execution
        request = execution.subscription.request
        viewer = execution.viewer
        context = RequestContext(headers=viewer.headers, scope=RequestScope(caller=viewer.caller))
        prepared = await router.prepare_subscription(request, context)
        if group.is_closed:
            continue
        if isinstance(prepared, GraphQLResult) or not _goes_on(group, prepared, streams):
            group.end(EndReason.FAILED, _RELOADED)
            group.close()
            continue
        execution.subscription, execution.clients = prepared, clients


def _goes_on(group: FeedGroup | UpstreamGroup, prepared: PreparedSubscription, streams: Streams) -> bool:
    old = group.execution.subscription
    if isinstance(group, FeedGroup):
        return is_same_feed(old.feed, prepared.feed) and old.arguments == prepared.arguments
    root = prepared.root
    return (
        prepared.feed is None
        and (old.root.service, old.root.document) == (root.service, root.document)
        and streams.get(root.service) is group.client
    )
