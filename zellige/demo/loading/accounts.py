"""The people of the demo shop: registered, made members, logged in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from zellige.demo.credentials import DEMO_PASSWORD
from zellige.demo.loading.client import DemoClient
from zellige.demo.loading.pace import side_by_side
from zellige.demo.shop import DemoPerson, DemoShop

REGISTER = """
mutation Register($input: RegisterInput!) { register(input: $input) { userErrors { code message } } }
"""
LOG_IN = """
mutation LogIn($input: LoginInput!) {
  login(input: $input) { tokens { accessToken } user { id } userErrors { code message } }
}
"""
ADD_MEMBER = """
mutation AddMember($input: MemberAddInput!) { memberAdd(input: $input) { userErrors { code message } } }
"""


async def log_in_owner(nobody: DemoClient, shop: DemoShop) -> DemoClient | None:
    """Returns a client of the owner, or None before the first run."""
    entered = await _log_in(nobody, shop.team[0], accepted=frozenset({"INVALID_CREDENTIALS"}))
    return entered.client if entered else None


async def open_team_accounts(nobody: DemoClient, shop: DemoShop) -> DemoClient:
    """Founds the organization, gives the team their roles and returns a client of the owner."""
    owner, *team = shop.team
    await _register(nobody, owner, shop.organization)
    founder = await _enter(nobody, owner)
    for person in team:
        await _register(nobody, person)
        entered = await _enter(nobody, person)
        given = {"input": {"userId": entered.user_id, "role": person.role}}
        await founder.client.change(ADD_MEMBER, given, accepted=frozenset({"ALREADY_A_MEMBER"}))
    return founder.client


async def open_customer_accounts(
    nobody: DemoClient, people: Sequence[DemoPerson], buyers: Collection[str]
) -> dict[str, DemoClient]:
    """Registers all, and returns a client of each buyer by e-mail."""
    await side_by_side(_register(nobody, person) for person in people)
    buying = [person for person in people if person.email in buyers]
    entered = await side_by_side(_enter(nobody, person) for person in buying)
    return {person.email: one.client for person, one in zip(buying, entered, strict=True)}


@dataclass(frozen=True, slots=True)
class _Entered:
    client: DemoClient
    user_id: str


async def _register(nobody: DemoClient, person: DemoPerson, organization: str | None = None) -> None:
    account = {"email": person.email, "password": DEMO_PASSWORD, "name": person.name}
    await nobody.change(REGISTER, {"input": {**account, "organizationName": organization}})


async def _enter(nobody: DemoClient, person: DemoPerson) -> _Entered:
    entered = await _log_in(nobody, person)
    assert entered is not None, "a refusal raises"
    return entered


async def _log_in(
    nobody: DemoClient, person: DemoPerson, *, accepted: frozenset[str] = frozenset()
) -> _Entered | None:
    given = {"input": {"email": person.email, "password": DEMO_PASSWORD}}
    payload = await nobody.change(LOG_IN, given, accepted=accepted)
    if payload["tokens"] is None:
        return None
    return _Entered(nobody.holding(payload["tokens"]["accessToken"]), payload["user"]["id"])
