"""From the merged schema to documents: `supergraph` in the join specification, `api` for clients.

In: a merged and checked schema. Out: SDL text, the same for the same subgraphs. It decides nothing.
"""
