"""Work that is done later, again when it failed, or by the clock; arq does it, and nobody else knows.

In: `Job`s that a domain lists as `JOBS` in its `jobs.py` (`declaration`), and requests for them, from
anywhere (`queue`) or left behind by a transaction (`request`). Out: each called with the domain's app, its
result kept for a while, and those given up visible as dead jobs (`dead`, `zellige jobs dead`). `worker` runs
them.

A job runs at least once: it may be run again after its worker died. It must not hold a transaction open while
it talks to somebody outside.
"""
