"""The users domain's GraphQL: `User.profile`, and what people change of their own."""

from __future__ import annotations

from subgraphs.kit.schema import KitSchema
from subgraphs.users.schema.mutations import Mutation
from subgraphs.users.schema.queries import Query
from subgraphs.users.schema.types import User


def build_schema() -> KitSchema:
    """Returns the schema."""
    return KitSchema(query=Query, mutation=Mutation, types=[User])
