"""Builds people and organizations through identity's own API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt

from subgraphs.kit.auth.viewer import Viewer
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

PASSWORD = "tajine aux olives"

REGISTER = """
mutation($input: RegisterInput!) {
  register(input: $input) { accepted userErrors { code message field } }
}
"""
LOGIN = """
mutation($input: LoginInput!) {
  login(input: $input) {
    tokens { accessToken accessTokenExpiresAt refreshToken }
    user { id email name locale memberships { role { name } organization { id name } } }
    userErrors { code message field }
  }
}
"""
REFRESH = """
mutation($token: String!) {
  refresh(input: { refreshToken: $token }) {
    tokens { accessToken refreshToken }
    userErrors { code field }
  }
}
"""
MEMBER_ADD = """
mutation($user: ID!, $role: String!) {
  memberAdd(input: { userId: $user, role: $role }) {
    membership { role { name } user { id } }
    userErrors { code message field }
  }
}
"""


@dataclass(frozen=True)
class Person:
    """A logged-in user."""

    id: str
    email: str
    caller: Caller
    refresh_token: str

    @property
    def organization_id(self) -> str | None:
        """The organization of the person's token."""
        found = self.caller.viewer.organization_id
        return str(found) if found is not None else None


def caller_of(access_token: str) -> Caller:
    """Returns the caller an access token of identity's own stands for."""
    claims = jwt.decode(access_token, options={"verify_signature": False})
    viewer = Viewer(
        user_id=UUID(claims["sub"]),
        organization_id=UUID(claims["org"]) if claims["org"] else None,
        session_id=UUID(claims["sid"]),
        roles=tuple(claims["roles"]),
        permissions=frozenset(claims["permissions"]),
    )
    return Caller(access_token, viewer)


class People:
    """The people of one identity."""

    def __init__(self, identity: RunningSubgraph) -> None:
        self._identity = identity
        self.clock: MovableClock = identity.app.clock  # pyright: ignore[reportAttributeAccessIssue]

    async def register(self, email: str, **changes: Any) -> dict[str, Any]:
        """Returns the payload of a registration."""
        given = {
            "email": email,
            "password": PASSWORD,
            "name": email.split("@", maxsplit=1)[0].title(),
            **changes,
        }
        return (await self._identity.data(REGISTER, {"input": given}))["register"]

    async def log_in(self, email: str, **changes: Any) -> Person:
        """Returns a registered person with a new session."""
        given = {"email": email, "password": PASSWORD, **changes}
        payload = (await self._identity.data(LOGIN, {"input": given}))["login"]
        assert payload["userErrors"] == []
        tokens = payload["tokens"]
        caller = caller_of(tokens["accessToken"])
        return Person(payload["user"]["id"], email, caller, tokens["refreshToken"])

    async def customer(self, email: str) -> Person:
        """Returns a new person without an organization."""
        await self.register(email)
        return await self.log_in(email)

    async def owner(self, email: str, organization: str = "El Bahia") -> Person:
        """Returns a new person who owns a new organization."""
        await self.register(email, organizationName=organization)
        return await self.log_in(email)

    async def member(self, email: str, owner: Person, role: str = "staff") -> Person:
        """Returns a new person added to the owner's organization."""
        person = await self.customer(email)
        payload = await self.add(owner, person.id, role)
        assert payload["userErrors"] == []
        return await self.log_in(email, organizationId=owner.organization_id)

    async def add(self, actor: Person, user_id: str, role: str) -> dict[str, Any]:
        """Returns the payload of memberAdd."""
        data = await self._identity.data(MEMBER_ADD, {"user": user_id, "role": role}, actor.caller)
        return data["memberAdd"]
