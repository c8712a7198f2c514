"""Subscriptions at the edge: WebSocket, server-sent events and multipart in, frames out.

In: an ASGI WebSocket or HTTP request that asks for a stream. Out: the frames of its protocol, made of what a
`Subscriber` gives. Steps: origin and limits, the protocol's own handshake, one task for each running
operation (`socket_operation`, `event_stream`, `multipart`, `shared_streams`), its end told in the protocol's
terms. `edge.py` holds what all of them share and sends clients away when the router stops.
It resolves nothing, and a client that does not read costs a bounded queue and no more.
"""

from router.server.subscriptions.edge import SubscriptionEdge

__all__ = ["SubscriptionEdge"]
