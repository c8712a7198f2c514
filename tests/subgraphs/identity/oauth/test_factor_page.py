"""Who has a second factor shows it on the page, too."""

from __future__ import annotations

import re
from html import unescape

from tests.subgraphs.identity.factors import add_app, add_passkey
from tests.subgraphs.identity.oauth.conftest import Provider, answered
from tests.subgraphs.identity.oauth.test_code_flow import authorize_url


async def test_the_code_of_an_app_opens_and_wrong_ones_end_the_log_in(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    app, recovery_codes = await add_app(provider.identity, owner, provider.people.clock)
    browser = provider.browser()
    page = await browser.log_in(await browser.open(authorize_url(client)), owner)
    assert "Second step" in page.text
    assert page.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'"
    )
    wrong = await browser.submit(page, "/oauth/factor", code="000000")
    assert (wrong.status_code, "This is not the code" in wrong.text) == (401, True)
    consent = await browser.submit(wrong, "/oauth/factor", code=app.next_code())
    assert "code" in answered(await browser.submit(consent, "/oauth/consent", decision="allow"))

    other = provider.browser()
    page = await other.log_in(await other.open(authorize_url(client)), owner)
    last = page
    for _ in range(5):
        last = await other.submit(page, "/oauth/factor", code="000000")
    assert "Begin again" in last.text or "Too many attempts" in last.text
    assert 'type="password"' in last.text

    third = provider.browser()
    provider.people.clock.advance(minutes=30)
    page = await third.log_in(await third.open(authorize_url(client)), owner)
    assert "code" in answered(await third.submit(page, "/oauth/factor", code=recovery_codes[0]))


async def test_a_passkey_opens(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    passkey, _ = await add_passkey(provider.identity, owner)
    browser = provider.browser()
    page = await browser.log_in(await browser.open(authorize_url(client)), owner)
    found = re.search(r'data-passkey="([^"]+)"', page.text)
    assert found is not None
    signed = passkey.sign(unescape(found[1]))
    consent = await browser.submit(page, "/oauth/factor", passkey=signed, code="")
    assert "Allow access" in consent.text
    assert (await browser.http.get("/oauth/passkey.js")).headers["content-type"].startswith("text/javascript")


async def test_ending_the_session_ends_the_browsers_log_in(provider: Provider) -> None:
    owner = await provider.people.owner("amina@example.dz")
    client = await provider.register(owner)
    browser = provider.browser()
    consent = await browser.log_in(await browser.open(authorize_url(client)), owner)
    assert "Allow access" in consent.text
    await provider.identity.data("mutation { logoutEverywhere { ended } }", caller=owner.caller)
    assert 'type="password"' in (await browser.open(authorize_url(client))).text
