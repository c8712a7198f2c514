"""How a fetch reaches its subgraph: a `SubgraphRequest` comes in, a `SubgraphResponse` goes out.

`client.py` is the protocol; `http.py` and `in_process.py` are its two forms, and `build.py` puts the chain of
clients around them together: de-duplication (`dedupe.py`), retries (`retry.py`), the circuit breaker
(`breaker.py`). Steps of a call over HTTP: choose an address (`roster.py`, kept true by `addresses.py` and
`ejection.py`), take a connection to it from the bounded pool (`pool.py`, `budget.py`), encode (`encode.py`),
write and read (`connection.py`, `content_coding.py`), decode and check the shape (`decode.py`).

What fails before a GraphQL response is read is a SubgraphError that says how (`failures.py`). Nothing here
knows of plans, and no bound is missing: on connections, lines, bytes, attempts, and on time always.
"""
