"""Identity's GraphQL: types and entities, inputs, payloads, queries and mutations."""

from __future__ import annotations

from subgraphs.identity.schema.mutations import Mutation
from subgraphs.identity.schema.queries import Query
from subgraphs.identity.schema.types import Organization, User
from subgraphs.kit.schema import KitSchema


def build_schema() -> KitSchema:
    """Returns identity's federation schema."""
    return KitSchema(query=Query, mutation=Mutation, types=[User, Organization])
