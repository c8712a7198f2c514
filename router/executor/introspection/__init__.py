"""Answers `__schema` and `__type` from the API schema, without any subgraph."""

from router.executor.introspection.introspect import introspect

__all__ = ["introspect"]
