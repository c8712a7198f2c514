"""Refreshing: single use, a leeway for the honest, the end of the family for a thief."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
from sqlalchemy import text

from subgraphs.kit.auth.keys import key_id, public_jwks, read_signing_key
from tests.subgraphs.identity.people import REFRESH, People, caller_of
from tests.subgraphs.identity.test_registration import events_of
from tests.support.database import SIGNING_KEY
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

REFUSED = {
    "tokens": None,
    "userErrors": [{"code": "INVALID_REFRESH_TOKEN", "field": ["input", "refreshToken"]}],
}
LOGOUT = "mutation($token: String) { logout(input: { refreshToken: $token }) { loggedOut } }"
SWITCH = """
mutation($id: ID) {
  switchOrganization(organizationId: $id) {
    tokens { accessToken refreshToken }
    userErrors { code field }
  }
}
"""


async def refresh(identity: RunningSubgraph, token: str) -> dict[str, Any]:
    return (await identity.data(REFRESH, {"token": token}))["refresh"]


async def refreshed(identity: RunningSubgraph, token: str) -> str:
    payload = await refresh(identity, token)
    assert payload["userErrors"] == []
    return payload["tokens"]["refreshToken"]


async def rows(identity: RunningSubgraph, statement: str) -> list[tuple[Any, ...]]:
    async with identity.app.database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def test_a_refresh_rotates_the_token_and_keeps_the_session(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.owner("amina@example.dz")
    clock.advance(minutes=14)
    payload = await refresh(identity, amina.refresh_token)
    renewed = caller_of(payload["tokens"]["accessToken"])
    assert payload["tokens"]["refreshToken"] != amina.refresh_token
    assert renewed.viewer == amina.caller.viewer
    assert renewed.token != amina.caller.token
    clock.advance(minutes=10)
    assert (await identity.data("{ me { id } }", caller=renewed))["me"] == {"id": amina.id}
    expired = await identity.execute("{ me { id } }", caller=amina.caller)
    assert expired["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_fifty_refreshes_at_once_have_one_winner_and_one_successor(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    answers = await asyncio.gather(*[refresh(identity, amina.refresh_token) for _ in range(50)])
    assert [answer["userErrors"] for answer in answers] == [[]] * 50
    assert len({answer["tokens"]["refreshToken"] for answer in answers}) == 1
    tokens = await rows(identity, "SELECT used_at IS NOT NULL FROM refresh_tokens ORDER BY created_at, id")
    assert tokens == [(True,), (False,)]
    assert await rows(identity, "SELECT revoked_at FROM sessions") == [(None,)]
    await refreshed(identity, answers[0]["tokens"]["refreshToken"])


async def test_a_retry_after_a_lost_answer_gets_the_same_successor(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    successor = await refreshed(identity, amina.refresh_token)
    clock.advance(seconds=19)
    assert await refreshed(identity, amina.refresh_token) == successor


async def test_a_used_token_after_the_leeway_ends_the_whole_family(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    other_device = await people.log_in("amina@example.dz")
    second = await refreshed(identity, amina.refresh_token)
    clock.advance(seconds=21)
    assert await refresh(identity, amina.refresh_token) == REFUSED
    assert await refresh(identity, second) == REFUSED
    await refreshed(identity, other_device.refresh_token)
    session = str(amina.caller.viewer.session_id)
    assert ("user.refresh_token_reused", amina.id) in await events_of(identity)
    revoked = await rows(
        identity, "SELECT id::text, revoked_reason FROM sessions WHERE revoked_at IS NOT NULL"
    )
    assert revoked == [(session, "refresh_reuse")]


async def test_the_leeway_ends_with_the_successors_use(identity: RunningSubgraph, people: People) -> None:
    amina = await people.customer("amina@example.dz")
    second = await refreshed(identity, amina.refresh_token)
    third = await refreshed(identity, second)
    assert await refresh(identity, amina.refresh_token) == REFUSED
    await refreshed(identity, third)


async def test_replays_at_once_leave_one_event(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await refreshed(identity, amina.refresh_token)
    clock.advance(minutes=1)
    answers = await asyncio.gather(*[refresh(identity, amina.refresh_token) for _ in range(10)])
    assert answers == [REFUSED] * 10
    kinds = [kind for kind, _ in await events_of(identity)]
    assert kinds.count("user.refresh_token_reused") == 1


async def test_a_token_unused_for_seven_days_is_over(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    clock.advance(days=7, seconds=1)
    assert await refresh(identity, amina.refresh_token) == REFUSED
    assert await rows(identity, "SELECT revoked_at FROM sessions") == [(None,)]


async def test_a_family_ends_after_thirty_days_however_often_refreshed(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    token = (await people.customer("amina@example.dz")).refresh_token
    for _ in range(4):
        clock.advance(days=6)
        token = await refreshed(identity, token)
    (lifetime,) = await rows(
        identity,
        "SELECT max(t.expires_at) = s.expires_at FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id"
        " GROUP BY s.expires_at",
    )
    assert lifetime == (True,)
    clock.advance(days=6, seconds=1)
    assert await refresh(identity, token) == REFUSED


async def test_unknown_tokens_are_refused_alike(identity: RunningSubgraph) -> None:
    for token in ("", "x" * 43, "é" * 5000):
        assert await refresh(identity, token) == REFUSED


async def test_log_out_ends_the_family_by_either_token(identity: RunningSubgraph, people: People) -> None:
    amina = await people.customer("amina@example.dz")
    second = await people.log_in("amina@example.dz")
    third = await people.log_in("amina@example.dz")
    assert (await identity.data(LOGOUT, {"token": amina.refresh_token}))["logout"] == {"loggedOut": True}
    assert (await identity.data(LOGOUT, {}, second.caller))["logout"] == {"loggedOut": True}
    assert (await identity.data(LOGOUT, {"token": "unknown"}, third.caller))["logout"] == {"loggedOut": True}
    assert await refresh(identity, amina.refresh_token) == REFUSED
    assert await refresh(identity, second.refresh_token) == REFUSED
    await refreshed(identity, third.refresh_token)
    kinds = [kind for kind, _ in await events_of(identity)]
    assert kinds.count("session.revoked") == 2


async def test_a_refresh_reads_the_permissions_again(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    assert "products:*" in staff.caller.viewer.permissions
    remove = "mutation($id: ID!) { memberRemove(userId: $id) { removedUserId userErrors { code } } }"
    await identity.data(remove, {"id": staff.id}, owner.caller)
    payload = await refresh(identity, staff.refresh_token)
    viewer = caller_of(payload["tokens"]["accessToken"]).viewer
    assert (viewer.organization_id, viewer.permissions) == (None, frozenset())


async def test_switching_organization_gives_a_new_token_and_lasts(
    identity: RunningSubgraph, people: People
) -> None:
    first = await people.owner("amina@example.dz", "Oran")
    other = await people.owner("karim@example.dz", "Béjaïa")
    await people.add(other, first.id, "staff")
    data = await identity.data(SWITCH, {"id": other.organization_id}, first.caller)
    tokens = data["switchOrganization"]["tokens"]
    assert tokens["refreshToken"] is None
    viewer = caller_of(tokens["accessToken"]).viewer
    assert (str(viewer.organization_id), viewer.roles) == (other.organization_id, ("staff",))
    renewed = await refresh(identity, first.refresh_token)
    assert caller_of(renewed["tokens"]["accessToken"]).viewer.organization_id == viewer.organization_id
    nowhere = (await identity.data(SWITCH, {"id": None}, first.caller))["switchOrganization"]
    assert caller_of(nowhere["tokens"]["accessToken"]).viewer.organization_id is None


async def test_switching_to_a_foreign_organization_is_refused(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.owner("amina@example.dz")
    karim = await people.customer("karim@example.dz")
    data = await identity.data(SWITCH, {"id": amina.organization_id}, karim.caller)
    assert data["switchOrganization"] == {
        "tokens": None,
        "userErrors": [{"code": "NOT_A_MEMBER", "field": ["organizationId"]}],
    }


async def test_a_logged_out_session_switches_nowhere(identity: RunningSubgraph, people: People) -> None:
    amina = await people.owner("amina@example.dz")
    await identity.data(LOGOUT, {}, amina.caller)
    data = await identity.data(SWITCH, {"id": None}, amina.caller)
    assert data["switchOrganization"]["userErrors"][0]["code"] == "INVALID_REFRESH_TOKEN"


async def test_a_service_cannot_switch_for_a_user(identity: RunningSubgraph, people: People) -> None:
    amina = await people.owner("amina@example.dz")
    service: Caller = identity.service("orders", amina.caller.viewer)
    response = await identity.execute(SWITCH, {"id": None}, service)
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_database_keeps_hashes_alone(identity: RunningSubgraph, people: People) -> None:
    amina = await people.customer("amina@example.dz")
    (stored,) = await rows(identity, "SELECT encode(token_hash, 'escape') FROM refresh_tokens")
    assert amina.refresh_token not in stored[0]
    (hashed,) = await rows(identity, "SELECT password_hash FROM users")
    assert hashed[0].startswith("$argon2id$")


async def test_the_published_keys_are_those_tokens_name(identity: RunningSubgraph, people: People) -> None:
    public = read_signing_key(SIGNING_KEY).public_key()
    amina = await people.customer("amina@example.dz")
    assert jwt.get_unverified_header(amina.caller.token) == {
        "alg": "EdDSA",
        "typ": "JWT",
        "kid": key_id(public),
    }
    assert public_jwks(public)["keys"][0]["kid"] == key_id(public)
