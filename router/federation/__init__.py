"""The vocabulary of federation, shared by composition and by the loaded supergraph.

What comes in: text of subgraphs and supergraphs. What goes out: names, versions, field sets and link facts.

- `field_set`: the selection grammar of `@key`, `@requires` and `@provides`.
- `link`: the `@link` directive: urls, versions, imports, and how a name in a document maps to a feature.
- `directives`: the federation directives, the version each appeared in and its shape.
- `join`, `features`: the definitions a supergraph document carries.

It must not know about merging, planning or execution.
"""
