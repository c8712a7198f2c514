"""Ten thousand subscribers on one process, clients that are cut and resume, a gateway of npm beside it.

Steps: `serve` is the router over a feed, or over a `subgraph` that streams; `clients` are bare sockets in the
measuring process; `fanout` measures memory and latency, `resume` cuts connections, `__main__` prints it all.
Both share the machine, so that latencies are those of a busy one.
"""
