"""The demo shop: a believable Algerian shop, made by a seeded generator and loaded through the public API.

In: `catalogue.yaml` and `people.yaml`, a seed. Out: the same shop for the same seed, as plain values
(`shop.DemoShop`); `generate` makes them and knows no API; the loader sends them through the router with the
tokens a person would use, and sends nothing twice.
"""
