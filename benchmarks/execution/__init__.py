"""Compares our execution of operations with graphql-core's, Strawberry's, graphql-js's and graphql-jit's.

`lists` are 1,000 objects of 10 fields, plain and with asynchronous resolvers; `entities` is what a router
asks a subgraph; `platform` is a page of products with their stock through the router, in one process.
"""
