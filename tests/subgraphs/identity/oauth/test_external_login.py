"""Logging in by another provider, which is a whole second identity behind a real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from subgraphs.identity.app import create_app
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.kit.ids import new_id
from tests.subgraphs.identity.factors import add_app
from tests.subgraphs.identity.oauth.conftest import Browser, Client, Provider, answered
from tests.subgraphs.identity.oauth.test_code_flow import authorize_url
from tests.subgraphs.identity.oauth.test_pages_in_a_browser import listening, serving
from tests.subgraphs.identity.people import People, Person
from tests.support.subgraph import MovableClock, running_subgraph

HERE = "http://localhost:4000"


@dataclass
class Two:
    """The platform (`here`) with a client, and another provider (`there`) that it knows as "atlas"."""

    here: Provider
    there: Provider
    client: Client
    atlas: httpx2.AsyncClient

    async def come_back(self, browser: Browser, person: Person, **changes: str) -> httpx2.Response:
        """Goes to the other provider, logs in and agrees there, and returns what awaits back here."""
        page = await browser.open(authorize_url(self.client))
        assert "Continue with Atlas" in page.text
        path = page.text.partition('href="/oauth/external/')[2].partition('"')[0].replace("&amp;", "&")
        away = await browser.http.get(f"/oauth/external/{path}")
        assert away.status_code == 303, away.text
        there = Browser(self.there.transport, self.there.issuer)
        page = await there.log_in(await there.open(away.headers["location"]), person)
        if page.status_code == 200:
            page = await there.submit(page, "/oauth/consent", decision="allow")
        await there.close()
        back = urlsplit(page.headers["location"])
        parameters = {**dict(parse_qsl(back.query)), **changes}
        return await browser.open(f"{back.path}?{urlencode(parameters)}")


async def _identity(stack: AsyncExitStack, **settings: Any) -> Provider:
    quick = PasswordHashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    settings |= {"event_bus_name": f"t{new_id().hex[-12:]}"}
    running = running_subgraph("identity", create_app, settings=settings, clock=MovableClock(), hashing=quick)
    identity = await stack.enter_async_context(running)
    return Provider(identity, People(identity))


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        listener, url = await stack.enter_async_context(listening())
        there = await _identity(stack, public_url=url)
        await stack.enter_async_context(serving(there, listener))
        keeper = await there.people.owner("keeper@atlas.example")
        back = f"{HERE}/oauth/external/atlas/back"
        known = await there.register(
            keeper,
            redirectUris=[back],
            scopes=["openid", "profile", "email"],
            grantTypes=["AUTHORIZATION_CODE"],
        )
        atlas = {"name": "atlas", "title": "Atlas", "issuer": url, "trusts_email": True}
        atlas |= {"client_id": known.id, "client_secret": known.secret or ""}
        here = await _identity(stack, public_url=HERE, external_providers=json.dumps([atlas]))
        client = await here.register(await here.people.owner("owner@example.dz"))
        async with httpx2.AsyncClient(base_url=url) as http:
            yield Two(here, there, client, http)
        for each in (here, there):
            await each.close()


async def verify_email(provider: Provider, email: str) -> None:
    async with provider.identity.app.database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE users SET email_verified_at = now() WHERE email_normalized = :email"),
            {"email": email},
        )


async def test_an_account_elsewhere_is_linked_by_whoever_is_logged_in_and_then_opens(two: Two) -> None:
    stranger = await two.there.people.customer("amina@atlas.example")
    amina = await two.here.people.customer("amina@example.dz")
    browser = two.here.browser()
    unknown = await two.come_back(browser, stranger)
    assert (unknown.status_code, "No account is linked" in unknown.text) == (403, True)
    # Logged in here by password, away and back links the two.
    logged_in = await browser.log_in(await browser.open(authorize_url(two.client)), amina)
    assert "Allow access" in logged_in.text
    browser_page = await browser.open(authorize_url(two.client, prompt="login"))
    path = browser_page.text.partition('href="/oauth/external/')[2].partition('"')[0].replace("&amp;", "&")
    assert path.startswith("atlas?next=")
    linked = await _there_and_back(two, browser, path, stranger)
    assert "Allow access" in linked.text
    again = two.here.browser()
    consent = await two.come_back(again, stranger)
    assert "amina@example.dz" in consent.text
    assert "code" in answered(await again.submit(consent, "/oauth/consent", decision="allow"))


async def _there_and_back(two: Two, browser: Browser, path: str, person: Person) -> httpx2.Response:
    away = await browser.http.get(f"/oauth/external/{path}")
    there = Browser(two.there.transport, two.there.issuer)
    page = await there.log_in(await there.open(away.headers["location"]), person)
    if page.status_code == 200:
        page = await there.submit(page, "/oauth/consent", decision="allow")
    await there.close()
    back = urlsplit(page.headers["location"])
    return await browser.open(f"{back.path}?{back.query}")


async def test_a_verified_address_links_where_the_provider_is_trusted_and_a_second_factor_is_asked_for(
    two: Two,
) -> None:
    stranger = await two.there.people.customer("karim@example.dz")
    karim = await two.here.people.customer("karim@example.dz")
    await add_app(two.here.identity, karim, two.here.people.clock)
    await verify_email(two.there, "karim@example.dz")
    refused = await two.come_back(two.here.browser(), stranger)
    assert refused.status_code == 403, "the address is not verified here"
    await verify_email(two.here, "karim@example.dz")
    page = await two.come_back(two.here.browser(), stranger)
    assert "Second step" in page.text


async def test_a_way_back_that_is_not_this_browsers_opens_nothing(two: Two) -> None:
    stranger = await two.there.people.customer("lina@atlas.example")
    other_state = await two.come_back(two.here.browser(), stranger, state="forged")
    assert (other_state.status_code, "This page has expired" in other_state.text) == (400, True)
    other_issuer = await two.come_back(two.here.browser(), stranger, iss="https://evil.example")
    assert (other_issuer.status_code, "was not completed" in other_issuer.text) == (502, True)
    without = await two.here.browser().http.get("/oauth/external/atlas/back?code=x&state=y")
    assert without.status_code == 400
    unknown = await two.here.browser().http.get("/oauth/external/nobody?next=/oauth/device")
    assert unknown.status_code == 404
