"""Composition: subgraph SDLs in, one supergraph and its API schema out, or diagnostics that say why not.

Steps, each a room: `subgraph` (parse, link, check, model), `upgrade` (Federation 1 to 2), `rules/subgraph`,
`rules/pre_merge` (across subgraphs), `merge`, `rules/post_merge`, `satisfiability`, `contract` (where one is
asked for), `emit`. `origins` adds to the diagnostics where a subgraph's code has them from; `schema_changes`
compares two API schemas.
`compose.compose_supergraph` tells the story. Problems are `diagnostics` values; nothing here raises for bad
input, and nothing here does I/O.
"""
