"""A new supergraph takes over while requests run.

In: the text of a supergraph whenever its source has another one (`source`: a file or a URL). Out: a router
over it in the place of the old one (`generations`).
Steps of `watch`: look at the source again and again, load the text beside the event loop, build a router,
plan what is used most, swap. A text that cannot be served is refused with a log line and the old one stays.
Whoever runs on the old router ends there; its clients close after the last.
It must not drop a request, and it must not decide how a router is built: that is the caller's.
"""
