"""Where the router and the platform meet.

In: `schema/supergraph.yaml`, which names the subgraphs, their addresses and their code. Out: running parts.
`supergraph_file` reads that file; `composition` composes what it names; `platform` makes all subgraphs and
the router one process; `standalone` makes the router, or one subgraph, a process of its own; `schemas`
writes the exported schemas; `background` does what the domains do beside answering.
"""
