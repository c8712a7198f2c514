"""Inventory's use-cases, one per file; each runs in the transaction of its mutation.

A change of stock goes: check the input, lock (see `model`), take lapsed reservations out, decide, write
movements or holds, tell of the items that became low, record events.
"""
