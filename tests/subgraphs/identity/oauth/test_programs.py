"""What programs do with the provider: renew, act on their own, ask about tokens, end them, register."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import jwt
import pytest
from sqlalchemy import text

from tests.subgraphs.identity.oauth.conftest import CALLBACK, SCOPES, Client, Provider
from tests.subgraphs.identity.oauth.test_code_flow import tokens_for
from tests.subgraphs.identity.people import Person

OFFLINE = "openid offline_access orders:read"


async def refresh(provider: Provider, client: Client, token: str) -> tuple[int, dict[str, Any]]:
    answer = await provider.post("/oauth/token", client, grant_type="refresh_token", refresh_token=token)
    return answer.status_code, answer.json()


async def granted(provider: Provider) -> tuple[Person, Client, dict[str, str]]:
    """Returns an owner, a client of theirs and tokens with a refresh token."""
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    return owner, client, await tokens_for(provider, client, owner, OFFLINE)


async def test_authlib_renews_tokens_by_itself(provider: Provider) -> None:
    _, client, tokens = await granted(provider)
    oauth = provider.client(client)
    renewed = await oauth.refresh_token(f"{provider.issuer}/oauth/token", tokens["refresh_token"])
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert renewed["scope"] == OFFLINE
    again = await oauth.refresh_token(f"{provider.issuer}/oauth/token", renewed["refresh_token"])
    assert again["access_token"] != renewed["access_token"]


async def test_of_fifty_who_refresh_at_once_all_get_one_successor(provider: Provider) -> None:
    _, client, tokens = await granted(provider)
    answers = await asyncio.gather(*(refresh(provider, client, tokens["refresh_token"]) for _ in range(50)))
    assert {status for status, _ in answers} == {200}
    assert len({content["refresh_token"] for _, content in answers}) == 1


async def test_a_refresh_token_that_comes_back_late_ends_the_grant(provider: Provider) -> None:
    _, client, tokens = await granted(provider)
    _, renewed = await refresh(provider, client, tokens["refresh_token"])
    provider.people.clock.advance(seconds=21)
    assert await refresh(provider, client, tokens["refresh_token"]) == (
        400,
        {"error": "invalid_grant", "error_description": "The code or token is not valid for this client"},
    )
    assert (await refresh(provider, client, renewed["refresh_token"]))[0] == 400
    async with provider.identity.app.database.engine.connect() as connection:
        told = await connection.execute(
            text("SELECT subject, payload FROM outbox_events WHERE type = 'session.revoked'")
        )
    ((subject, payload),) = told.all()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert (subject, payload["reason"]) == (claims["sid"], "oauth_refresh_reused")


async def test_a_refresh_token_is_another_clients_to_nobody(provider: Provider) -> None:
    owner, _, tokens = await granted(provider)
    other = await provider.register(owner)
    assert (await refresh(provider, other, tokens["refresh_token"]))[0] == 400


async def test_whoever_lost_the_membership_loses_its_permissions_at_the_next_refresh(
    provider: Provider,
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    await provider.people.member("karim@example.dz", owner)
    staff = await provider.people.log_in("karim@example.dz")
    tokens = await tokens_for(provider, client, staff, OFFLINE)
    remove = "mutation($id: ID!) { memberRemove(userId: $id) { userErrors { code } } }"
    await provider.identity.data(remove, {"id": staff.id}, owner.caller)
    _, renewed = await refresh(provider, client, tokens["refresh_token"])
    claims = jwt.decode(renewed["access_token"], options={"verify_signature": False})
    assert (claims["org"], claims["permissions"]) == (None, [])


async def test_a_client_on_its_own_is_a_program_of_its_organization(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner, scopes=["users:read", "orders:read"])
    oauth = provider.client(client)
    tokens = await oauth.fetch_token(grant_type="client_credentials", scope="users:read")
    assert "refresh_token" not in tokens
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["kind"], claims["permissions"]) == (
        client.id,
        "service_account",
        ["users:read"],
    )
    found = await provider.call_api(tokens["access_token"], "{ me { id } members(first: 9) { totalCount } }")
    assert found["data"] == {"me": None, "members": {"totalCount": 1}}
    beyond = await provider.post("/oauth/token", client, grant_type="client_credentials", scope="openid")
    assert beyond.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("secret", ["wrong", ""])
async def test_a_wrong_secret_opens_nothing(provider: Provider, secret: str) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    async with httpx2.AsyncClient(transport=provider.transport, base_url=provider.issuer) as http:
        refused = await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client.id, secret)
        )
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert refused.headers["www-authenticate"] == 'Basic realm="oauth"'


async def test_a_public_client_proves_itself_by_pkce_alone_and_may_not_introspect(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    grants = ["AUTHORIZATION_CODE", "REFRESH_TOKEN"]
    client = await provider.register(owner, confidential=False, grantTypes=grants)
    assert client.secret is None
    tokens = await tokens_for(provider, client, owner, OFFLINE)
    assert (await refresh(provider, client, tokens["refresh_token"]))[0] == 200
    refused = await provider.post("/oauth/introspect", client, token=tokens["access_token"])
    assert refused.json()["error"] == "invalid_client"


async def test_introspection_tells_clients_of_the_same_organization_alone(provider: Provider) -> None:
    owner, client, tokens = await granted(provider)
    colleague = await provider.register(owner)
    stranger = await provider.register(await provider.people.owner("karim@example.dz", "Autre"))
    state = (await provider.post("/oauth/introspect", colleague, token=tokens["access_token"])).json()
    assert (state["active"], state["client_id"], state["scope"]) == (True, client.id, OFFLINE)
    assert (state["sub"], state["permissions"]) == (owner.id, ["orders:read"])
    kept = (await provider.post("/oauth/introspect", client, token=tokens["refresh_token"])).json()
    assert (kept["active"], kept["token_type"]) == (True, "refresh_token")
    for token in (tokens["access_token"], tokens["refresh_token"], "garbage"):
        answer = await provider.post("/oauth/introspect", stranger, token=token)
        assert answer.json() == {"active": False}
    provider.people.clock.advance(minutes=16)
    late = await provider.post("/oauth/introspect", client, token=tokens["access_token"])
    assert late.json() == {"active": False}


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_any_token_of_a_grant_ends_all_of_it(provider: Provider, which: str) -> None:
    owner, client, tokens = await granted(provider)
    other = await provider.register(owner)
    assert (await provider.post("/oauth/revoke", other, token=tokens[which])).status_code == 200
    state = await provider.post("/oauth/introspect", client, token=tokens["access_token"])
    assert state.json()["active"] is True, "it is not the other client's to end"
    assert (await provider.post("/oauth/revoke", client, token=tokens[which])).status_code == 200
    assert (await refresh(provider, client, tokens["refresh_token"]))[0] == 400
    async with httpx2.AsyncClient(transport=provider.transport, base_url=provider.issuer) as http:
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        refused = await http.get("/oauth/userinfo", headers=bearer)
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_token"})


async def test_a_person_sees_their_grants_and_takes_them_back(provider: Provider) -> None:
    owner, client, tokens = await granted(provider)
    listing = "{ oauthGrants { nodes { id clientName scopes } } }"
    (grant,) = (await provider.identity.data(listing, caller=owner.caller))["oauthGrants"]["nodes"]
    assert (grant["clientName"], grant["scopes"]) == ("Étal", OFFLINE.split())
    revoke = "mutation($id: ID!) { oauthGrantRevoke(id: $id) { revokedGrantId userErrors { code } } }"
    stranger = await provider.people.customer("karim@example.dz")
    refused = await provider.identity.data(revoke, {"id": grant["id"]}, stranger.caller)
    assert refused["oauthGrantRevoke"]["userErrors"] == [{"code": "NOT_FOUND"}]
    await provider.identity.data(revoke, {"id": grant["id"]}, owner.caller)
    assert (await refresh(provider, client, tokens["refresh_token"]))[0] == 400


async def test_a_disabled_client_and_a_rotated_secret_open_nothing(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    rotate = "mutation($id: ID!) { oauthClientSecretRotate(id: $id) { clientSecret userErrors { code } } }"
    rotated = await provider.identity.data(rotate, {"id": client.id}, owner.caller)
    fresh = Client(client.id, rotated["oauthClientSecretRotate"]["clientSecret"])
    form = {"grant_type": "client_credentials"}
    assert (await provider.post("/oauth/token", client, **form)).status_code == 401
    assert (await provider.post("/oauth/token", fresh, **form)).status_code == 200
    disable = "mutation($id: ID!) { oauthClientDisable(id: $id) { userErrors { code } } }"
    await provider.identity.data(disable, {"id": client.id}, owner.caller)
    assert (await provider.post("/oauth/token", fresh, **form)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"redirectUris": ["http://shop.example.dz/callback"]}, "redirectUris"),
        ({"redirectUris": ["https://shop.example.dz/#there"]}, "redirectUris"),
        ({"redirectUris": ["https://*.example.dz/"]}, "redirectUris"),
        ({"redirectUris": ["javascript:alert(1)"]}, "redirectUris"),
        ({"redirectUris": []}, "redirectUris"),
        ({"scopes": ["openid", "everything"]}, "scopes"),
        ({"scopes": ["openid"], "grantTypes": ["CLIENT_CREDENTIALS"]}, "scopes"),
        ({"confidential": False}, "grantTypes"),
        ({"scopes": SCOPES, "grantTypes": ["AUTHORIZATION_CODE"]}, "grantTypes"),
        ({"name": " "}, "name"),
    ],
)
async def test_a_client_that_would_be_unsafe_is_not_registered(
    provider: Provider, changes: dict[str, Any], field: str
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    payload = await provider.register_payload(owner, **changes)
    assert payload["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", field]}]


async def test_addresses_of_apps_on_the_persons_own_machine_may_be_registered(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    uris = [CALLBACK, "http://127.0.0.1:8400/back", "dz.example.etal:/back"]
    payload = await provider.register_payload(owner, redirectUris=uris)
    assert payload["client"]["redirectUris"] == uris


async def test_nobody_registers_a_client_for_what_they_may_not_do(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    await provider.people.member("karim@example.dz", owner)
    refused = await provider.identity.execute(
        "mutation($id: ID!) { oauthClientDisable(id: $id) { userErrors { code } } }",
        {"id": (await provider.register(owner)).id},
        (await provider.people.log_in("karim@example.dz")).caller,
    )
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await provider.people.member("lina@example.dz", owner, "admin")
    admin = await provider.people.log_in("lina@example.dz")
    beyond = await provider.register_payload(
        admin, scopes=["openid", "payments:write"], grantTypes=["AUTHORIZATION_CODE"]
    )
    assert [error["code"] for error in beyond["userErrors"]] == ["BEYOND_OWN_PERMISSIONS"]
