"""The transport to subgraphs beside a bare asyncio protocol and aiohttp's client, in one run.

A subgraph in a process of its own answers a fixed response; the clients in this process take turns at asking
it, 50 requests at a time. CPU time of this process per request is what is compared: a ratio of two figures
of one run means something on any machine. `python -m benchmarks.transport` prints the table.
"""
