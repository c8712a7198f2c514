"""Event feeds: the topics of an event bus, read live and from a position.

In: a `FeedSource` (Redis Streams, stream queues of RabbitMQ, or memory for one process) and the feeds of a
supergraph. Out: the events a listener means, in order, each with the position to resume from.
Steps: one `TopicTail` reads every topic that anybody listens to, once for all; `conditions` bind what a feed
means to one subscriber's arguments and claims, and route events by it; `root_object` makes the root of a
response of an event. It knows no client, plans nothing and executes nothing.
"""

from router.realtime.conditions import Audience, EventFilter, UnmetConditionError, bind_feed
from router.realtime.event import EventId, FeedEvent, look_up
from router.realtime.memory_source import MemoryFeedSource
from router.realtime.open_source import open_feed_source
from router.realtime.position import PositionError, decode_position, encode_position
from router.realtime.root_object import make_root
from router.realtime.source import FeedSource, FeedUnavailableError, RetentionExceededError
from router.realtime.topic_tail import Listener, TopicTail

__all__ = [
    "Audience",
    "EventFilter",
    "EventId",
    "FeedEvent",
    "FeedSource",
    "FeedUnavailableError",
    "Listener",
    "MemoryFeedSource",
    "PositionError",
    "RetentionExceededError",
    "TopicTail",
    "UnmetConditionError",
    "bind_feed",
    "decode_position",
    "encode_position",
    "look_up",
    "make_root",
    "open_feed_source",
]
