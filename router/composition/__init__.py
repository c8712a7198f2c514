"""Composition: subgraph SDLs in, one supergraph and its API schema out, or diagnostics that say why not.

Steps, each a room: `subgraph` (parse, link, check, model), `upgrade` (Federation 1 to 2), `rules/subgraph`,
`rules/pre_merge` (across subgraphs), `merge`, `rules/post_merge`, `satisfiability`, `emit`.
`compose.compose_supergraph` tells the story. Problems are `diagnostics` values; nothing here raises for bad
input, and nothing here does I/O.
"""
