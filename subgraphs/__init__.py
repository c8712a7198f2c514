"""The platform: one package per business domain, each a Strawberry subgraph that owns its data.

Domains never import each other and never import the router; `kit` is what all of them are built with.
"""
