"""How a fetch reaches its subgraph: a `SubgraphRequest` comes in, a `SubgraphResponse` goes out.

`client.py` is the protocol; `http.py` and `in_process.py` are its two forms. Steps of a call over HTTP:
encode (`encode.py`), take a connection from the bounded pool (`pool.py`), write and read on it
(`connection.py`), decode and check the shape (`decode.py`). What fails before a GraphQL response is read is a
SubgraphError. It retries nothing but a query on a connection that was stale; policies of retry belong above.
"""
