"""Inventory's tables and all of its SQL.

A stock item is an organization's stock of one variant, over all warehouses; whoever changes anything of it
holds its row lock (`item_queries.lock_items`), taken in the order of the variants' ids. Movements say what
happened, levels what follows from them. Locks are taken in one order everywhere: idempotency key, then the
reservation or transfer, then warehouses, then items.
"""
