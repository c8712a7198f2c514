"""What identity loads in batches; each answers only what the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from subgraphs.identity.model.oauth_queries import clients_by_ids
from subgraphs.identity.model.oauth_tables import OauthClientRow
from subgraphs.identity.model.organization_queries import (
    visible_memberships_by_users,
    visible_organizations_by_ids,
)
from subgraphs.identity.model.program_queries import keys_by_accounts
from subgraphs.identity.model.tables import ApiKeyRow, MembershipRow, OrganizationRow, UserRow
from subgraphs.identity.model.user_queries import visible_users_by_ids
from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order


async def load_users(context: RequestContext, ids: Sequence[UUID]) -> list[UserRow | None]:
    """Returns the users by id."""
    return in_order(ids, await visible_users_by_ids(context.session, context.viewer, ids))


async def load_organizations(context: RequestContext, ids: Sequence[UUID]) -> list[OrganizationRow | None]:
    """Returns the organizations by id."""
    return in_order(ids, await visible_organizations_by_ids(context.session, context.viewer, ids))


async def load_memberships_of_users(
    context: RequestContext, user_ids: Sequence[UUID]
) -> list[Sequence[MembershipRow]]:
    """Returns the memberships of each user."""
    found = await visible_memberships_by_users(context.session, context.viewer, user_ids)
    return [found.get(user_id, ()) for user_id in user_ids]


async def load_keys_of_accounts(
    context: RequestContext, account_ids: Sequence[UUID]
) -> list[Sequence[ApiKeyRow]]:
    """Returns the keys of each service account of the viewer's organization."""
    found = await keys_by_accounts(context.session, context.viewer.organization_id, account_ids)
    return [found.get(account_id, ()) for account_id in account_ids]


async def load_oauth_clients(context: RequestContext, ids: Sequence[UUID]) -> list[OauthClientRow | None]:
    """Loads clients of the OAuth provider; their names are no secret to those who let them act."""
    return in_order(ids, await clients_by_ids(context.session, ids))
