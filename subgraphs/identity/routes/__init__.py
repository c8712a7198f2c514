"""Identity's HTTP beside GraphQL: published keys, the router's questions, browsers' cookies.

A route reads its request, opens the transaction, calls a use-case and writes the answer; it decides nothing.
"""
