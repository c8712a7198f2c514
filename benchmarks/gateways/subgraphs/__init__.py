"""Subgraphs that cost next to nothing: each distinct request is answered once, then from memory.

A request to `/WORLD/SUBGRAPH` comes in; the first of its kind is answered by the world with graphql-core,
every further one by the same bytes. Requests are told apart by path and body alone: whoever asks gets the
same. `protocol.py` is the server, `memory.py` what it remembers, `__main__.py` its process; `faulty.py`
is one that fails when it is told to.
"""
