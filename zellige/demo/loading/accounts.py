"""The people of the demo shop: registered, made members, logged in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from zellige.demo.credentials import DEMO_PASSWORD
from zellige.demo.loading.client import DemoClient
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
UNKNOWN = frozenset({"INVALID_CREDENTIALS"})


async def open_owner_account(nobody: DemoClient, shop: DemoShop) -> DemoClient:
    """Returns a client of the owner, whose organization is founded on the first run."""
    owner, *team = shop.team
    client = await _enter(nobody, owner, shop.organization)
    for person in team:
        await _enter(nobody, person)
        user_id = await _user_id(nobody, person)
        await client.change(
            ADD_MEMBER,
            {"input": {"userId": user_id, "role": person.role}},
            accepted=frozenset({"ALREADY_A_MEMBER"}),
        )
    return client


async def open_customer_accounts(nobody: DemoClient, people: Sequence[DemoPerson]) -> dict[str, DemoClient]:
    """Returns a client of each customer by e-mail."""
    # Hashing a password takes a fifth of a second, in a thread: the accounts are opened side by side.
    clients = await asyncio.gather(*(_enter(nobody, person) for person in people))
    return {person.email: client for person, client in zip(people, clients, strict=True)}


async def _enter(nobody: DemoClient, person: DemoPerson, organization: str | None = None) -> DemoClient:
    token = await _log_in(nobody, person)
    if token is None:
        await nobody.change(
            REGISTER,
            {
                "input": {
                    "email": person.email,
                    "password": DEMO_PASSWORD,
                    "name": person.name,
                    "organizationName": organization,
                }
            },
        )
        token = await _log_in(nobody, person)
    assert token is not None, "somebody who has just registered can log in"
    return nobody.holding(token)


async def _log_in(nobody: DemoClient, person: DemoPerson) -> str | None:
    given = {"input": {"email": person.email, "password": DEMO_PASSWORD}}
    payload = await nobody.change(LOG_IN, given, accepted=UNKNOWN)
    return payload["tokens"]["accessToken"] if payload["tokens"] else None


async def _user_id(nobody: DemoClient, person: DemoPerson) -> str:
    given = {"input": {"email": person.email, "password": DEMO_PASSWORD}}
    return (await nobody.change(LOG_IN, given))["user"]["id"]
