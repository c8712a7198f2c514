"""The GraphQL of notifications: types and entities, inputs, payloads, queries, mutations, subscriptions."""

from __future__ import annotations

import strawberry

from subgraphs.kit.schema import KitSchema
from subgraphs.notifications.schema.administration_mutations import AdministrationMutations
from subgraphs.notifications.schema.inbox_mutations import InboxMutations
from subgraphs.notifications.schema.preference_mutations import PreferenceMutations
from subgraphs.notifications.schema.queries import Query
from subgraphs.notifications.schema.references import Order, Organization, ProductVariant
from subgraphs.notifications.schema.subscriptions import Subscription
from subgraphs.notifications.schema.types import Notification, User


@strawberry.type
class Mutation(InboxMutations, PreferenceMutations, AdministrationMutations):
    """All mutations of notifications."""


def build_schema() -> KitSchema:
    """Returns the federation schema of notifications."""
    return KitSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Notification, User, Order, Organization, ProductVariant],
    )
