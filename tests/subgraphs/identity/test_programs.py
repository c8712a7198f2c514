"""Service accounts and keys: what they may, where from, how many, and what the router is told of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.tokens import viewer_of_claims
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.http_client import HttpAnswer, call_http
from tests.kit.test_edge import Served
from tests.subgraphs.identity.factors import CODE, run
from tests.subgraphs.identity.letters import payloads_of, scalars
from tests.subgraphs.identity.people import People, Person
from tests.support.statements import recorded_statements
from tests.support.subgraph import MovableClock, RunningSubgraph

UPSERT = f"""mutation($input: ServiceAccountUpsertInput!) {{ serviceAccountUpsert(input: $input) {{
  serviceAccount {{ id name permissions disabledAt }} {CODE} }} }}"""
CREATE = f"""mutation($input: ApiKeyCreateInput!) {{ apiKeyCreate(input: $input) {{
  apiKey {{ id prefix scopes allowedNetworks }} key {CODE} }} }}"""
REVOKE = f"mutation($id: ID!) {{ apiKeyRevoke(id: $id) {{ apiKey {{ id revokedAt }} {CODE} }} }}"
LIST = "{ serviceAccounts { nodes { name keys { prefix lastUsedAt revokedAt } } } }"


@pytest.fixture
async def served(identity: RunningSubgraph) -> AsyncIterator[Served]:
    async with Served(identity.app, lifespan="off") as running:
        yield running


async def account(identity: RunningSubgraph, owner: Person, *permissions: str, **changes: Any) -> str:
    given = {"name": "Caisse", "permissions": list(permissions), **changes}
    payload = await run(identity, UPSERT, owner.caller, input=given)
    assert payload["userErrors"] == []
    return payload["serviceAccount"]["id"]


async def create_key(identity: RunningSubgraph, owner: Person, account_id: str, **changes: Any) -> Any:
    return await run(identity, CREATE, owner.caller, input={"serviceAccountId": account_id, **changes})


async def ask(
    identity: RunningSubgraph, served: Served, token: str, address: str | None = None, service: str = "router"
) -> HttpAnswer:
    form = {"token": token, "token_type_hint": "api_key"}
    if address is not None:
        form["client_address"] = address
    headers = {
        "authorization": f"Bearer {service_token(identity.settings, identity.app.clock, service, Viewer())}",
        "content-type": "application/x-www-form-urlencoded",
    }
    body = urlencode(form).encode()
    return await call_http("POST", f"{served.url}/internal/viewer", timeout_s=20, headers=headers, body=body)


async def claims(identity: RunningSubgraph, served: Served, token: str, address: str | None = None) -> Any:
    answer = await ask(identity, served, token, address)
    assert answer.status == 200
    return json.loads(answer.body)


async def test_a_key_is_shown_once_and_stands_for_its_account(
    identity: RunningSubgraph, people: People, served: Served
) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:read", "products:*")
    made = await create_key(identity, owner, account_id, scopes=["products:write", "orders:read"])
    key = made["key"]
    assert key.startswith(f"zlg_{made['apiKey']['prefix']}_")
    found = await claims(identity, served, key)
    assert (found["active"], found["token_type"], found["sub"]) == (True, "api_key", account_id)
    viewer = viewer_of_claims(found)
    assert (viewer.user_id, str(viewer.service_account_id)) == (None, account_id)
    assert str(viewer.organization_id) == owner.organization_id
    assert viewer.permissions == {"orders:read", "products:write"}
    assert (viewer.may("products:write"), viewer.may("products:read")) == (True, False)
    stored = await scalars(identity, "SELECT to_jsonb(k)::text FROM api_keys k")
    assert key.rpartition("_")[2] not in stored[0]
    (event,) = await payloads_of(identity, "api_key.created")
    assert key not in str(event)


async def test_what_opens_nothing_is_told_alike(
    identity: RunningSubgraph, people: People, served: Served, clock: MovableClock
) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:read")
    expires_at = (clock.now() + timedelta(hours=1)).isoformat()
    expiring = (await create_key(identity, owner, account_id, expiresAt=expires_at))["key"]
    assert (await claims(identity, served, expiring))["active"] is True
    clock.advance(hours=1, seconds=1)
    for token in (expiring, "zlg_unknown_key", "zlg_", "rubbish", "é" * 10, "x" * 500):
        assert await claims(identity, served, token) == {"active": False}


async def test_only_the_router_is_answered(identity: RunningSubgraph, people: People, served: Served) -> None:
    owner = await people.owner("amina@example.dz")
    assert (await ask(identity, served, "zlg_x", service="orders")).status == 401
    url = f"{served.url}/internal/viewer"
    for headers in ({}, owner.caller.headers, {"authorization": "Bearer rubbish"}):
        answer = await call_http("POST", url, timeout_s=20, headers=headers, body=b"token=x")
        assert answer.status == 401
    headers = identity.service("router", Viewer()).headers
    for body in (b"", b"nothing", b"token=" + b"x" * 5_000):
        answer = await call_http("POST", url, timeout_s=20, headers=headers, body=body)
        assert answer.status == 400


async def test_a_key_opens_from_its_networks_alone(
    identity: RunningSubgraph, people: People, served: Served
) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:read")
    networks = ["192.0.2.0/24", "2001:db8::7"]
    key = (await create_key(identity, owner, account_id, allowedNetworks=networks))["key"]
    admitted = ("192.0.2.44", "2001:db8::7")
    for address in (*admitted, "192.0.3.1", "2001:db8::8", "rubbish", None):
        found = await claims(identity, served, key, address)
        assert found["active"] is (address in admitted), address
    refused = await create_key(identity, owner, account_id, allowedNetworks=["192.0.2.1/24"])
    assert refused["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", "allowedNetworks"]}]


async def test_of_keys_made_at_once_two_live(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:read")
    answers = await asyncio.gather(*[create_key(identity, owner, account_id) for _ in range(8)])
    refused = [each["userErrors"][0]["code"] for each in answers if each["userErrors"]]
    assert refused == ["KEY_LIMIT"] * 6
    live = [each["apiKey"]["id"] for each in answers if each["apiKey"]]
    revoked = await asyncio.gather(*[run(identity, REVOKE, owner.caller, id=live[0]) for _ in range(5)])
    assert sorted(len(each["userErrors"]) for each in revoked) == [0, 1, 1, 1, 1]
    assert (await create_key(identity, owner, account_id))["userErrors"] == []


async def test_a_revoked_key_a_disabled_account_and_lost_permissions_hold_at_once(
    identity: RunningSubgraph, people: People, served: Served
) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:*", "products:read")
    first = await create_key(identity, owner, account_id)
    second = await create_key(identity, owner, account_id, scopes=["orders:read"])
    await run(identity, REVOKE, owner.caller, id=first["apiKey"]["id"])
    assert await claims(identity, served, first["key"]) == {"active": False}
    await account(identity, owner, "products:read")
    assert (await claims(identity, served, second["key"]))["permissions"] == []
    await account(identity, owner, "orders:read", disabled=True)
    assert await claims(identity, served, second["key"]) == {"active": False}


async def test_nobody_gives_a_program_what_they_do_not_hold(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    admin = await people.member("karim@example.dz", owner, role="admin")
    beyond = {"name": "Tout", "permissions": ["*:*"]}
    assert (await run(identity, UPSERT, admin.caller, input=beyond))["userErrors"][0][
        "code"
    ] == "INVALID_INPUT"
    beyond = {"name": "Tout", "permissions": ["ledger:write"]}
    refused = await run(identity, UPSERT, admin.caller, input=beyond)
    assert refused["userErrors"][0]["code"] == "BEYOND_OWN_PERMISSIONS"
    account_id = await account(identity, owner, "ledger:write")
    assert (await create_key(identity, admin, account_id))["userErrors"][0][
        "code"
    ] == "BEYOND_OWN_PERMISSIONS"
    wider = await create_key(identity, owner, account_id, scopes=["orders:read"])
    assert wider["userErrors"] == [{"code": "BEYOND_OWN_PERMISSIONS", "field": ["input", "scopes"]}]


async def test_another_organization_s_account_and_keys_do_not_exist(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    stranger = await people.owner("karim@example.dz", "Autre")
    account_id = await account(identity, owner, "orders:read")
    key = await create_key(identity, owner, account_id)
    assert (await create_key(identity, stranger, account_id))["userErrors"][0]["code"] == "NOT_FOUND"
    refused = await run(identity, REVOKE, stranger.caller, id=key["apiKey"]["id"])
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await identity.data(LIST, caller=stranger.caller))["serviceAccounts"]["nodes"] == []


async def test_making_a_key_asks_for_a_fresh_proof(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    owner = await people.owner("amina@example.dz")
    account_id = await account(identity, owner, "orders:read")
    clock.advance(minutes=11)
    assert (await create_key(identity, owner, account_id))["userErrors"][0]["code"] == "STEP_UP_REQUIRED"


async def test_the_last_use_is_noted_once_a_minute_and_lists_cost_the_same(
    identity: RunningSubgraph, people: People, served: Served, clock: MovableClock
) -> None:
    owner = await people.owner("amina@example.dz")
    for name in ("Caisse", "Stock"):
        account_id = await account(identity, owner, "orders:read", name=name)
        key = (await create_key(identity, owner, account_id))["key"]
    noted = []
    for seconds in (0, 30, 31):
        clock.advance(seconds=seconds)
        await claims(identity, served, key)
        noted += await scalars(identity, "SELECT last_used_at FROM api_keys WHERE last_used_at IS NOT NULL")
    assert noted[0] == noted[1] < noted[2]
    with recorded_statements(identity.app.database.engine) as statements:
        data = await identity.data(LIST, caller=owner.caller)
    assert [len(node["keys"]) for node in data["serviceAccounts"]["nodes"]] == [1, 1]
    assert len(statements) == 2
