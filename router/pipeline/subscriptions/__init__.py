"""Subscriptions: one event at its root in, the whole response out, to everyone who asked the same.

In: a subscription operation, whose it is and perhaps a position to resume from. Out: a `Subscriber`, whose
`next` gives encoded responses one after another, heartbeats between them, and why it ended.
Steps: tell who asks (`viewer`), prepare the operation (`router.pipeline.subscription`), find or open the
group of those who ask the same and may see the same (`hub`); a group has one upstream, a topic of the event
bus (`feed_group`) or a subscription at a subgraph (`upstream_group`), answers each event once (`execution`,
`batching`), in order (`group`), and hands the result to the bounded queue of each subscriber (`subscriber`).
It knows no transport to clients; and no subscriber, however slow, holds up another.
"""

from router.pipeline.subscription import PreparedSubscription
from router.pipeline.subscriptions.delivery import Delivery, Ending, EndReason, Heartbeat
from router.pipeline.subscriptions.hub import IPV6_PREFIX, SubscriptionHub
from router.pipeline.subscriptions.subscriber import Subscriber
from router.pipeline.subscriptions.viewer import Authenticate, Viewer

__all__ = [
    "IPV6_PREFIX",
    "Authenticate",
    "Delivery",
    "EndReason",
    "Ending",
    "Heartbeat",
    "PreparedSubscription",
    "Subscriber",
    "SubscriptionHub",
    "Viewer",
]
