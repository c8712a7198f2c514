"""Sends the demo shop through the public API.

In: the router of this process and a `DemoShop`. Out: accounts, then the catalogue, then stock, then orders.
Each step asks what is there and sends only what is missing; a run that was cut off continues.
"""
