"""Sessions with their devices: listed, ended, bounded; told to whoever verifies tokens; browsers' cookies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from subgraphs.identity.consumers import CONSUMERS
from subgraphs.identity.jobs import purge_identity
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import EventContext
from subgraphs.kit.http_client import HttpAnswer, call_http
from subgraphs.kit.jobs.declaration import JobContext
from tests.kit.test_edge import Served
from tests.subgraphs.identity.factors import CODE, add_app, run
from tests.subgraphs.identity.letters import payloads_of
from tests.subgraphs.identity.people import LOGIN, PASSWORD, REFRESH, People, Person, caller_of
from tests.subgraphs.identity.test_registration import count
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

SESSIONS = "{ sessions { nodes { id userAgent ipAddress methods isCurrent } } }"
REVOKE = f"mutation($id: ID!) {{ sessionRevoke(id: $id) {{ revokedSessionId {CODE} }} }}"
EVERYWHERE = "mutation($keep: Boolean!) { logoutEverywhere(keepCurrent: $keep) { ended } }"
KICK = f"mutation($id: ID!) {{ memberSessionsRevoke(userId: $id) {{ ended {CODE} }} }}"
EMAIL = "amina@example.dz"


async def log_in_from(identity: RunningSubgraph, user_agent: str, address: str = "192.0.2.1") -> Caller:
    headers = {"user-agent": user_agent, "x-client-address": address}
    given = {"email": EMAIL, "password": PASSWORD}
    response = await identity.app.execute(LOGIN, {"input": given}, None, headers)
    return caller_of(response["data"]["login"]["tokens"]["accessToken"])


async def can_refresh(identity: RunningSubgraph, person: Person) -> bool:
    return (await run(identity, REFRESH, token=person.refresh_token))["tokens"] is not None


async def test_sessions_tell_their_devices_and_a_new_one_is_marked(
    identity: RunningSubgraph, people: People
) -> None:
    await people.register(EMAIL)
    await log_in_from(identity, "Firefox")
    await log_in_from(identity, "Firefox", "192.0.2.9")
    phone = await log_in_from(identity, "Zellige/1.0 Android")
    events = await payloads_of(identity, "user.logged_in")
    assert [(each["user_agent"], each["new_device"]) for each in events] == [
        ("Firefox", False),
        ("Firefox", False),
        ("Zellige/1.0 Android", True),
    ]
    nodes = (await identity.data(SESSIONS, caller=phone))["sessions"]["nodes"]
    assert [(each["userAgent"], each["ipAddress"], each["isCurrent"]) for each in nodes] == [
        ("Zellige/1.0 Android", "192.0.2.1", True),
        ("Firefox", "192.0.2.9", False),
        ("Firefox", "192.0.2.1", False),
    ]


async def test_one_ends_one_s_own_sessions_and_no_other(identity: RunningSubgraph, people: People) -> None:
    amina, karim = await people.customer(EMAIL), await people.customer("karim@example.dz")
    second = await people.log_in(EMAIL)
    foreign = await run(identity, REVOKE, karim.caller, id=str(second.caller.viewer.session_id))
    assert foreign["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    ended = await run(identity, REVOKE, amina.caller, id=str(second.caller.viewer.session_id))
    assert ended["revokedSessionId"] == str(second.caller.viewer.session_id)
    assert not await can_refresh(identity, second)
    third = await people.log_in(EMAIL)
    assert await run(identity, EVERYWHERE, amina.caller, keep=True) == {"ended": 1}
    assert (await can_refresh(identity, amina), await can_refresh(identity, third)) == (True, False)
    assert await run(identity, EVERYWHERE, amina.caller, keep=False) == {"ended": 1}
    assert not await can_refresh(identity, amina)
    assert await can_refresh(identity, karim)


async def test_of_log_ins_at_once_no_more_than_twenty_sessions_stay(
    identity: RunningSubgraph, people: People
) -> None:
    await people.register(EMAIL)
    await asyncio.gather(*[people.log_in(EMAIL) for _ in range(24)])
    reasons = [each["reason"] for each in await payloads_of(identity, "session.revoked")]
    assert reasons == ["session_limit"] * 4
    assert await count(identity, "sessions WHERE revoked_at IS NULL") == 20


async def test_an_administrator_ends_a_member_s_sessions_here(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("karim@example.dz")
    staff = await people.member(EMAIL, owner)
    assert (await run(identity, KICK, owner.caller, id=staff.id))["ended"] == 1
    assert not await can_refresh(identity, staff)
    admin = await people.member("lina@example.dz", owner, role="admin")
    above = await run(identity, KICK, admin.caller, id=owner.id)
    assert above["userErrors"][0]["code"] == "BEYOND_OWN_PERMISSIONS"


async def test_the_end_of_a_session_is_told_to_whoever_verifies_tokens(identity: RunningSubgraph) -> None:
    session_id = uuid4()
    (consumer,) = [each for each in CONSUMERS if each.on == "session.revoked"]
    data = {"session_id": str(session_id), "user_id": str(uuid4()), "reason": "revoked"}
    event = CloudEvent(
        id=uuid4(),
        source="/zellige/identity",
        type="session.revoked",
        subject=str(session_id),
        time=identity.app.clock.now(),
        data=data,
    )
    async with identity.app.database.transaction() as session:
        await consumer.handle(EventContext(event, session, identity.app, 1), consumer.read(data))
    redis = Redis.from_url(identity.settings.redis_url)
    left_s = await redis.ttl(f"{identity.settings.event_bus_name}:revoked:{session_id}")
    await redis.aclose()
    assert 900 <= left_s <= 960


async def test_what_is_over_is_cleared_away(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    await people.customer(EMAIL)
    await run(identity, "mutation { passkeyLoginStart { challenge { id } } }")
    clock.advance(days=61)
    await purge_identity(JobContext(identity.app, "test", 1))
    assert (await count(identity, "sessions"), await count(identity, "passkey_challenges")) == (0, 0)


@pytest.fixture
async def served(identity: RunningSubgraph) -> AsyncIterator[Served]:
    async with Served(identity.app, lifespan="off") as running:
        yield running


OWN_PAGE = {
    "content-type": "application/json",
    "origin": "http://localhost:4000",
    "sec-fetch-site": "same-origin",
}


async def post(served: Served, path: str, content: Any = None, **headers: str) -> HttpAnswer:
    body = json.dumps(content).encode()
    sent = {**OWN_PAGE, **headers}
    return await call_http("POST", f"{served.url}{path}", timeout_s=20, headers=sent, body=body)


async def viewer_of(identity: RunningSubgraph, served: Served, cookie: str) -> Any:
    headers = {
        **identity.service("router", Viewer()).headers,
        "content-type": "application/x-www-form-urlencoded",
    }
    url, body = f"{served.url}/internal/viewer", f"token={cookie}".encode()
    answer = await call_http("POST", url, timeout_s=20, headers=headers, body=body)
    return json.loads(answer.body)


def cookie_of(answer: HttpAnswer) -> Any:
    return SimpleCookie(answer.headers["set-cookie"])["zellige_session"]


async def test_a_browser_s_cookie_stands_for_its_session_until_the_log_out(
    identity: RunningSubgraph, people: People, served: Served
) -> None:
    owner = await people.owner(EMAIL)
    answer = await post(served, "/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert (answer.status, json.loads(answer.body)["userId"]) == (200, owner.id)
    cookie = cookie_of(answer)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    found = await viewer_of(identity, served, cookie.value)
    assert (found["active"], found["sub"], found["org"]) == (True, owner.id, owner.organization_id)
    assert found["token_type"] == "session_cookie"
    assert UUID(found["sid"]) == UUID(json.loads(answer.body)["sessionId"])
    out = await post(served, "/auth/logout", {}, cookie=f"zellige_session={cookie.value}")
    assert (out.status, cookie_of(out).value) == (200, "")
    assert await viewer_of(identity, served, cookie.value) == {"active": False}


async def test_a_browser_shows_its_second_factor(
    identity: RunningSubgraph, people: People, served: Served, clock: MovableClock
) -> None:
    amina = await people.customer(EMAIL)
    _, recovery = await add_app(identity, amina, clock)
    answer = await post(served, "/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert "set-cookie" not in answer.headers
    challenge = json.loads(answer.body)
    assert (challenge["totp"], challenge["recoveryCodes"], challenge["passkeyOptions"]) == (True, True, None)
    given = {"challenge": challenge["challenge"], "recoveryCode": "wrong"}
    assert (await post(served, "/auth/login/complete", given)).status == 401
    given = {**given, "recoveryCode": recovery[0]}
    answer = await post(served, "/auth/login/complete", given)
    assert (await viewer_of(identity, served, cookie_of(answer).value))["acr"] == "urn:zellige:acr:2"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_foreign_page_logs_nobody_in(people: People, served: Served, headers: dict[str, str]) -> None:
    await people.register(EMAIL)
    for path in ("/auth/login", "/auth/login/complete", "/auth/logout"):
        answer = await post(served, path, {"email": EMAIL, "password": PASSWORD}, **headers)
        assert (answer.status, "set-cookie" in answer.headers) == (403, False)


async def test_wrong_and_malformed_log_ins_of_browsers_are_refused(people: People, served: Served) -> None:
    await people.register(EMAIL)
    wrong = await post(served, "/auth/login", {"email": EMAIL, "password": "not the password"})
    assert (wrong.status, json.loads(wrong.body)["error"]["code"]) == (401, "INVALID_CREDENTIALS")
    for content in ([], "text", {"email": 1}):
        answer = await post(served, "/auth/login", content)
        assert answer.status == (401 if isinstance(content, dict) else 400)
    huge = await post(served, "/auth/login", {"email": "x" * 40_000})
    assert huge.status == 400


async def test_a_cookie_unused_for_a_week_is_over(
    identity: RunningSubgraph, people: People, served: Served, clock: MovableClock
) -> None:
    await people.register(EMAIL)
    answer = await post(served, "/auth/login", {"email": EMAIL, "password": PASSWORD})
    cookie = cookie_of(answer).value
    async with identity.app.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE sessions SET last_seen_at = last_seen_at - interval '7 days'"
        )
    assert await viewer_of(identity, served, cookie) == {"active": False}
