"""A subgraph's client that asks the cache first: a `SubgraphRequest` in, the same `SubgraphResponse` out.

Steps: take a fetch apart into things that can be kept (`items`), look them up and serve what is fresh
(`client`), send the subgraph only what is missing (`exchange`), keep what may be kept, put the answer
together again (`answer`). Mutations are sent on and invalidate by their rules (`mutations`). It must answer
what the subgraph would have answered at some moment within the age of what is kept, and it decides for itself
who is asking: a viewer that nobody named is told by the headers.
"""
