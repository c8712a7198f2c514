"""What the cache costs and saves: a page of 50 entities without it, missed, half kept, kept, kept whole.

The subgraphs answer from memory in a process of their own, so what is measured is the router: the CPU time of
its process and the time until the answer, one request after the other and in alternating rounds. Real
subgraphs cost more; what a hit saves is then the subgraph's time as well.
"""
