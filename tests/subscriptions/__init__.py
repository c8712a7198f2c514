"""Subscriptions through the router, over real sockets: protocols, upstreams, feeds, resume, limits."""
