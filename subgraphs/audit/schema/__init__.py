"""The audit domain's GraphQL: entries, and the one query over them."""

from __future__ import annotations

from subgraphs.audit.schema.queries import Query
from subgraphs.kit.schema import KitSchema


def build_schema() -> KitSchema:
    """Returns the schema."""
    return KitSchema(query=Query)
