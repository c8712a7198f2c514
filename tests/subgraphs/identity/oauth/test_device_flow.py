"""The device flow: a television shows a code, a person types it on their phone."""

from __future__ import annotations

from typing import Any

from tests.subgraphs.identity.oauth.conftest import Client, Provider

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


async def start(provider: Provider, client: Client, scope: str = "openid orders:read") -> dict[str, Any]:
    answer = await provider.post("/oauth/device_authorization", client, scope=scope)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def poll(provider: Provider, client: Client, device_code: str) -> dict[str, Any]:
    return (
        await provider.post("/oauth/token", client, grant_type=DEVICE_CODE, device_code=device_code)
    ).json()


async def test_a_device_gets_tokens_once_its_person_has_agreed(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    started = await start(provider, client)
    assert (started["expires_in"], started["interval"]) == (600, 5)
    assert started["verification_uri"] == f"{provider.issuer}/oauth/device"
    assert (await poll(provider, client, started["device_code"]))["error"] == "authorization_pending"
    assert (await poll(provider, client, started["device_code"]))["error"] == "slow_down"

    phone = provider.browser()
    page = await phone.log_in(await phone.open("/oauth/device"), owner)
    typed = started["user_code"].lower().replace("-", " ")
    consent = await phone.open(f"/oauth/device?user_code={typed}")
    assert started["user_code"] in consent.text
    assert page.status_code == 200
    done = await phone.submit(
        consent, "/oauth/device", decision="allow", organization=str(owner.organization_id)
    )
    assert "The device is connected" in done.text
    tokens = await poll(provider, client, started["device_code"])
    assert tokens["scope"] == "openid orders:read"
    found = await provider.call_api(tokens["access_token"], "{ me { email } }")
    assert found["data"]["me"]["email"] == "amina@example.dz"
    assert (await poll(provider, client, started["device_code"]))["error"] == "invalid_grant"


async def test_a_person_may_say_no_and_a_code_expires(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    refused, late = [await start(provider, client, "openid") for _ in range(2)]
    phone = provider.browser()
    consent = await phone.log_in(await phone.open(f"/oauth/device?user_code={refused['user_code']}"), owner)
    await phone.submit(consent, "/oauth/device", decision="deny")
    assert (await poll(provider, client, refused["device_code"]))["error"] == "access_denied"
    provider.people.clock.advance(minutes=11)
    assert (await poll(provider, client, late["device_code"]))["error"] == "expired_token"


async def test_guessing_codes_ends_the_log_in(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    started = await start(provider, client, "openid")
    phone = provider.browser()
    await phone.log_in(await phone.open("/oauth/device"), owner)
    for _ in range(10):
        guess = await phone.open("/oauth/device?user_code=BBBB-BBBB")
        assert (guess.status_code, "This is not the code" in guess.text) == (404, True)
    page = await phone.open(f"/oauth/device?user_code={started['user_code']}")
    assert 'type="password"' in page.text


async def test_another_clients_device_code_is_nobodys(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client, other = [await provider.register(owner) for _ in range(2)]
    started = await start(provider, client)
    assert (await poll(provider, other, started["device_code"]))["error"] == "invalid_grant"
    without = await provider.register(owner, grantTypes=["AUTHORIZATION_CODE"], scopes=["openid"])
    refused = await provider.post("/oauth/device_authorization", without, scope="openid")
    assert refused.json()["error"] == "unauthorized_client"
