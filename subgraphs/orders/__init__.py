"""Carts, orders and their fulfilment.

In: carts of users and guests. Out: orders with everything they promised written down (names, prices,
address), moved along a state machine that is data (`states`).

`service.check_out` makes an order of a cart in short transactions, with calls to products and inventory
between them, never inside; `peers` makes those calls through the router; `jobs` repairs what a crash left
half done.
"""
