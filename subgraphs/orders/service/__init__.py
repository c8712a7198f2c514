"""The use-cases of orders, one per file.

Most run in the caller's transaction. Those that ask other domains take a `Saga` instead: they open short
transactions themselves and make every call between two of them.
"""
