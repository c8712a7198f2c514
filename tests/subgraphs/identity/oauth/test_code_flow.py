"""The authorization code flow, with Authlib's client on the other side."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import httpx2
import jwt
import pytest
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.subgraphs.identity.oauth.conftest import CALLBACK, Client, Provider, answered
from tests.subgraphs.identity.people import Person

ME = "{ me { name email } }"


async def agree(
    provider: Provider, client: Client, person: Person, scope: str, **more: str
) -> dict[str, str]:
    """Returns code, state and verifier after the person has logged in and agreed in a new browser."""
    verifier = generate_token(48)
    oauth = provider.client(client, scope)
    url, state = oauth.create_authorization_url(
        f"{provider.issuer}/oauth/authorize", code_verifier=verifier, **more
    )
    browser = provider.browser()
    consent = await browser.log_in(await browser.open(url), person)
    organization = {"organization": person.organization_id} if person.organization_id else {}
    sent = answered(await browser.submit(consent, "/oauth/consent", decision="allow", **organization))
    assert (sent["state"], sent["iss"]) == (state, provider.issuer)
    return {"code": sent["code"], "verifier": verifier}


async def tokens_for(provider: Provider, client: Client, person: Person, scope: str) -> dict[str, str]:
    """Returns the tokens Authlib's client gets."""
    agreed = await agree(provider, client, person, scope)
    return await provider.client(client, scope).fetch_token(
        code=agreed["code"], code_verifier=agreed["verifier"], grant_type="authorization_code"
    )


async def test_a_client_that_finds_out_everything_by_itself_gets_a_verified_identity(
    provider: Provider,
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    async with httpx2.AsyncClient(transport=provider.transport, base_url=provider.issuer) as http:
        found = (await http.get("/.well-known/openid-configuration")).json()
        keys = (await http.get("/.well-known/jwks.json")).json()
    assert found["issuer"] == provider.issuer
    assert found["code_challenge_methods_supported"] == ["S256"]
    agreed = await agree(provider, client, owner, "openid profile email", nonce="n-1")
    oauth = provider.client(client)
    token = await oauth.fetch_token(
        found["token_endpoint"], code=agreed["code"], code_verifier=agreed["verifier"]
    )
    key = jwt.PyJWK.from_dict(keys["keys"][0], algorithm="EdDSA").key
    claims = jwt.decode(
        token["id_token"], key, algorithms=["EdDSA"], audience=client.id, issuer=provider.issuer
    )
    assert (claims["sub"], claims["nonce"], claims["email"]) == (owner.id, "n-1", "amina@example.dz")
    person = (await oauth.request("GET", found["userinfo_endpoint"])).json()
    assert person == {
        **{name: claims[name] for name in ("sub", "name", "email", "email_verified", "locale", "updated_at")}
    }
    assert "refresh_token" not in token


async def test_a_token_opens_the_api_only_where_a_scope_says_so_and_with_what_was_granted(
    provider: Provider,
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    identity_only = await tokens_for(provider, client, owner, "openid profile")
    refused = await provider.call_api(identity_only["access_token"], ME)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    reading = await tokens_for(provider, client, owner, "openid orders:read")
    claims = jwt.decode(reading["access_token"], options={"verify_signature": False})
    assert (claims["permissions"], claims["org"]) == (["orders:read"], owner.organization_id)
    found = await provider.call_api(reading["access_token"], ME)
    assert found["data"]["me"]["email"] == "amina@example.dz"
    changing = await provider.call_api(
        reading["access_token"],
        'mutation { organizationCreate(input: {name: "x"}) { userErrors { code } } }',
    )
    assert changing["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    listing = await provider.call_api(reading["access_token"], "{ members(first: 1) { totalCount } }")
    assert listing["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_grant_gives_no_more_than_the_person_holds(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner, scopes=["members:write", "orders:read"])
    staff = await provider.people.member("karim@example.dz", owner)
    staff = await provider.people.log_in(staff.email)
    tokens = await tokens_for(provider, client, staff, "members:write orders:read")
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["permissions"] == ["orders:read"]


async def test_a_second_use_of_a_code_ends_what_the_first_led_to(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    agreed = await agree(provider, client, owner, "openid offline_access")
    form = {
        "grant_type": "authorization_code",
        "code": agreed["code"],
        "code_verifier": agreed["verifier"],
        "redirect_uri": CALLBACK,
    }
    answers = await asyncio.gather(*(provider.post("/oauth/token", client, **form) for _ in range(10)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1, "exactly one"
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    refresh = await provider.post(
        "/oauth/token", client, grant_type="refresh_token", refresh_token=good[0]["refresh_token"]
    )
    assert (refresh.status_code, refresh.json()["error"]) == (400, "invalid_grant")
    state = await provider.post("/oauth/introspect", client, token=good[0]["access_token"])
    assert state.json() == {"active": False}


@pytest.mark.parametrize(
    "change", [{"code_verifier": "x" * 43}, {"redirect_uri": f"{CALLBACK}/"}, {"code": "unknown"}]
)
async def test_a_code_opens_nothing_without_its_verifier_and_address(
    provider: Provider, change: dict[str, str]
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    agreed = await agree(provider, client, owner, "openid")
    form = {
        "grant_type": "authorization_code",
        "code": agreed["code"],
        "code_verifier": agreed["verifier"],
        "redirect_uri": CALLBACK,
    }
    refused = await provider.post("/oauth/token", client, **{**form, **change})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_the_clients_it_was_made_for_and_good_for_a_minute(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client, other = [await provider.register(owner) for _ in range(2)]
    agreed = await agree(provider, client, owner, "openid")
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    form |= {"code": agreed["code"], "code_verifier": agreed["verifier"]}
    assert (await provider.post("/oauth/token", other, **form)).json()["error"] == "invalid_grant"
    provider.people.clock.advance(seconds=61)
    assert (await provider.post("/oauth/token", client, **form)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"scope": "openid users:read"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_a_wrong_request_goes_back_to_the_client_with_its_code(
    provider: Provider, change: dict[str, str], code: str
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    refused = answered(await provider.browser().open(authorize_url(client, **change)))
    assert (refused["error"], refused["state"], refused["iss"]) == (code, "s-1", provider.issuer)


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": f"{CALLBACK}?x=1"},
        {"redirect_uri": "https://shop.example.dz/callback/../evil"},
        {"redirect_uri": ""},
        {"client_id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"},
        {"state": "s" * 1_001},
    ],
)
async def test_nobody_is_sent_to_an_address_that_was_not_registered(
    provider: Provider, change: dict[str, str]
) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    page = await provider.browser().open(authorize_url(client, **change))
    assert (page.status_code, "location" in page.headers) == (400, False)
    assert "This cannot be done" in page.text


async def test_a_parameter_that_comes_twice_is_refused(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    page = await provider.browser().open(authorize_url(client) + "&scope=openid")
    assert page.status_code == 400


async def test_consent_is_asked_once_and_again_when_taken_back(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    browser = provider.browser()
    consent = await browser.log_in(await browser.open(authorize_url(client)), owner)
    assert "know who you are" in consent.text
    first = answered(await browser.submit(consent, "/oauth/consent", decision="allow"))
    second = answered(await browser.open(authorize_url(client)))
    silent = answered(await browser.open(authorize_url(client, prompt="none")))
    assert len({first["code"], second["code"], silent["code"]}) == 3
    more = answered(await browser.open(authorize_url(client, scope="openid email", prompt="none")))
    assert more["error"] == "consent_required"
    asked_again = await browser.open(authorize_url(client, prompt="consent"))
    denied = answered(await browser.submit(asked_again, "/oauth/consent", decision="deny"))
    assert denied["error"] == "access_denied"


async def test_prompt_login_and_max_age_ask_for_the_password_again(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    browser = provider.browser()
    consent = await browser.log_in(await browser.open(authorize_url(client)), owner)
    answered(await browser.submit(consent, "/oauth/consent", decision="allow"))
    page = await browser.open(authorize_url(client, prompt="login"))
    assert 'type="password"' in page.text
    assert "code" in answered(await browser.log_in(page, owner))
    provider.people.clock.advance(seconds=100)
    assert 'type="password"' in (await browser.open(authorize_url(client, max_age="60"))).text
    assert "code" in answered(await browser.open(authorize_url(client, max_age="1000")))


async def test_the_pages_take_no_forms_from_elsewhere(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    browser, stranger = provider.browser(), provider.browser()
    page = await browser.open(authorize_url(client))
    stolen = await stranger.submit(page, "/oauth/login", email=owner.email, password="tajine aux olives")
    assert (stolen.status_code, "This page has expired" in stolen.text) == (400, True)
    browser.http.headers["origin"] = "https://evil.example"
    foreign = await browser.log_in(page, owner)
    assert foreign.status_code == 400
    del browser.http.headers["origin"]
    astray = await browser.submit(
        page, "/oauth/login", email=owner.email, password="tajine aux olives", next="//evil.example/oauth/"
    )
    assert astray.status_code == 400
    wrong = await browser.log_in(page, owner, password="couscous aux olives")
    assert (wrong.status_code, "do not go together" in wrong.text) == (401, True)


def authorize_url(client: Client, **changes: str) -> str:
    parameters = {
        "client_id": client.id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "s-1",
        "code_challenge": create_s256_code_challenge("v" * 43),
        "code_challenge_method": "S256",
        **changes,
    }
    return f"/oauth/authorize?{urlencode(parameters)}"
