"""The GraphQL of notifications: types and entities, inputs, payloads, queries, mutations, subscriptions."""

from __future__ import annotations

import strawberry

from subgraphs.kit.schema import KitSchema
from subgraphs.notifications.schema.preference_mutations import PreferenceMutations
from subgraphs.notifications.schema.queries import Query
from subgraphs.notifications.schema.types import User


@strawberry.type
class Mutation(PreferenceMutations):
    """All mutations of notifications."""


def build_schema() -> KitSchema:
    """Returns the federation schema of notifications."""
    return KitSchema(query=Query, mutation=Mutation, types=[User])
