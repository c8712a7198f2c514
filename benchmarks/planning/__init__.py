"""Planning beside the planners of the npm registry: time per cold operation, fetches, longest chain.

In: the conformance suites when their folder is found, and drawn supergraphs with drawn operations. Out: a
table per corpus, and the operations where a peer's plan is better than ours. A plan is made anew in every
round; the graph of a supergraph is made once, as it is in a running router.
"""
