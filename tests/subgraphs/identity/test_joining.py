"""Invitations, grants in projects, and organizations that ask for a second factor."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import jwt

from subgraphs.kit.auth.tokens import viewer_of_claims
from subgraphs.kit.ids import new_id
from tests.subgraphs.identity.factors import CODE, add_app, log_in_with_app, run
from tests.subgraphs.identity.letters import last_token, payloads_of
from tests.subgraphs.identity.people import LOGIN, PASSWORD, REFRESH, People, Person
from tests.subgraphs.identity.test_registration import count
from tests.support.subgraph import MovableClock, RunningSubgraph

INVITE = f"""mutation($email: String!, $role: String!) {{
  invitationCreate(input: {{ email: $email, role: $role }}) {{
    invitation {{ id email role {{ name }} }} {CODE} }} }}"""
ACCEPT = f"""mutation($token: String!) {{ invitationAccept(token: $token) {{
  membership {{ role {{ name }} organization {{ id }} }} {CODE} }} }}"""
TAKE_BACK = f"mutation($id: ID!) {{ invitationRevoke(id: $id) {{ revokedInvitationId {CODE} }} }}"
INVITATIONS = "{ invitations { nodes { email role { name } } } }"
GRANT = f"""mutation($input: ProjectGrantSetInput!) {{ projectGrantSet(input: $input) {{
  grants {{ projectId permissions }} {CODE} }} }}"""
GRANTS = "query($id: ID!) { projectGrants(userId: $id) { projectId permissions } }"
REQUIRE = f"""mutation($required: Boolean!) {{ organizationMfaSet(required: $required) {{
  organization {{ mfaRequired }} {CODE} }} }}"""
SWITCH = "mutation($id: ID) { switchOrganization(organizationId: $id) { userErrors { code } } }"
INVALID = [{"code": "INVALID_LINK", "field": None}]


async def invite(identity: RunningSubgraph, owner: Person, email: str, role: str = "staff") -> str:
    payload = await run(identity, INVITE, owner.caller, email=email, role=role)
    assert payload["userErrors"] == []
    return await last_token(identity, "invitation.created", "invitation")


async def test_an_invitation_is_accepted_once_by_the_one_it_was_sent_to(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz", "El Bahia")
    karim, thief = await people.customer("karim@example.dz"), await people.customer("thief@example.dz")
    token = await invite(identity, owner, " KARIM@example.dz")
    (letter,) = await payloads_of(identity, "invitation.created")
    assert (letter["organization_name"], letter["inviter_name"], letter["role"]) == (
        "El Bahia",
        "Amina",
        "staff",
    )
    assert token not in str(letter)
    assert (await run(identity, ACCEPT, thief.caller, token=token))["userErrors"] == INVALID
    answers = await asyncio.gather(*[run(identity, ACCEPT, karim.caller, token=token) for _ in range(8)])
    joined = [answer["membership"] for answer in answers if answer["membership"]]
    assert joined == [{"role": {"name": "staff"}, "organization": {"id": owner.organization_id}}]
    assert (await count(identity, "memberships"), len(await payloads_of(identity, "member.added"))) == (2, 1)
    assert (await identity.data("{ me { emailVerified } }", caller=karim.caller))["me"]["emailVerified"]


async def test_an_invitation_expires_is_overtaken_or_taken_back(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    owner, karim = await people.owner("amina@example.dz"), await people.customer("karim@example.dz")
    overtaken = await invite(identity, owner, karim.email)
    taken_back = await invite(identity, owner, karim.email, "admin")
    assert (await run(identity, ACCEPT, karim.caller, token=overtaken))["userErrors"] == INVALID
    listed = (await identity.data(INVITATIONS, caller=owner.caller))["invitations"]["nodes"]
    assert listed == [{"email": "karim@example.dz", "role": {"name": "admin"}}]
    again = await run(identity, INVITE, owner.caller, email="lina@example.dz", role="staff")
    stranger = await people.owner("other@example.dz", "Autre")
    ids = {"id": again["invitation"]["id"]}
    assert (await run(identity, TAKE_BACK, stranger.caller, **ids))["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await run(identity, TAKE_BACK, owner.caller, **ids))["userErrors"] == []
    clock.advance(days=7, seconds=1)
    late = await people.log_in("karim@example.dz")
    assert (await run(identity, ACCEPT, late.caller, token=taken_back))["userErrors"] == INVALID


async def test_nobody_invites_above_themselves(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    admin = await people.member("karim@example.dz", owner, role="admin")
    refused = await run(identity, INVITE, admin.caller, email="lina@example.dz", role="owner")
    assert refused["userErrors"][0]["code"] == "BEYOND_OWN_PERMISSIONS"


async def test_a_grant_holds_in_its_project_alone_and_comes_with_the_token(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    project, other = new_id(), new_id()
    given = {"userId": staff.id, "projectId": str(project), "permissions": ["ledger:read", "tasks:*"]}
    payload = await run(identity, GRANT, owner.caller, input=given)
    assert payload["grants"] == [{"projectId": str(project), "permissions": ["ledger:read", "tasks:*"]}]
    renewed = (await identity.data(REFRESH, {"token": staff.refresh_token}))["refresh"]
    token = renewed["tokens"]["accessToken"]
    viewer = viewer_of_claims(jwt.decode(token, options={"verify_signature": False}))
    assert viewer.may_in(project, "tasks:write")
    assert (viewer.may_in(other, "tasks:write"), viewer.may("tasks:write")) == (False, False)
    beyond = {**given, "permissions": ["ledger:write"]}
    admin = await people.member("lina@example.dz", owner, role="admin")
    refused = await run(identity, GRANT, admin.caller, input=beyond)
    assert refused["userErrors"][0]["code"] == "BEYOND_OWN_PERMISSIONS"
    await run(identity, GRANT, owner.caller, input={**given, "permissions": []})
    assert (await identity.data(GRANTS, {"id": staff.id}, owner.caller))["projectGrants"] == []


async def test_who_leaves_the_organization_leaves_its_projects(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    given = {"userId": staff.id, "projectId": str(new_id()), "permissions": ["tasks:read"]}
    await run(identity, GRANT, owner.caller, input=given)
    remove = "mutation($id: ID!) { memberRemove(userId: $id) { userErrors { code } } }"
    await identity.data(remove, {"id": staff.id}, owner.caller)
    assert await count(identity, "project_grants") == 0


async def test_an_organization_that_asks_for_a_second_factor_admits_nobody_without(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    alone = await run(identity, REQUIRE, owner.caller, required=True)
    assert alone["userErrors"][0]["code"] == "SECOND_FACTOR_REQUIRED"
    app, _ = await add_app(identity, owner, clock)
    caller = await log_in_with_app(identity, "amina@example.dz", app)
    assert (await run(identity, REQUIRE, caller, required=True))["organization"] == {"mfaRequired": True}
    # Sessions with one factor end; those with two go on.
    assert (await identity.data(REFRESH, {"token": staff.refresh_token}))["refresh"]["tokens"] is None
    reasons = [each["reason"] for each in await payloads_of(identity, "session.revoked")]
    assert set(reasons) == {"second_factor_required"}
    given: dict[str, Any] = {"email": "karim@example.dz", "password": PASSWORD}
    named = await run(identity, LOGIN, input={**given, "organizationId": owner.organization_id})
    assert named["userErrors"][0]["code"] == "SECOND_FACTOR_REQUIRED"
    outside = await people.log_in("karim@example.dz")
    assert outside.caller.viewer.organization_id is None
    refused = await identity.data(SWITCH, {"id": owner.organization_id}, outside.caller)
    assert refused["switchOrganization"]["userErrors"] == [{"code": "SECOND_FACTOR_REQUIRED"}]
    his_app, _ = await add_app(identity, outside, clock)
    inside = await log_in_with_app(identity, "karim@example.dz", his_app)
    assert inside.viewer.organization_id == UUID(owner.organization_id)
