"""Products' use-cases, one per file: drafts in, rows and events out, refusals raised.

`write_product` is the one way a product with its variants is written; creating, updating, the bulk call and
the single variant all come through it, so every rule holds for each of them.
"""
