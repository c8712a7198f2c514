"""How a fetch reaches its subgraph: one protocol, `SubgraphClient`, with an HTTP and an in-process form."""
