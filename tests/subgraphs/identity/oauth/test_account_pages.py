"""The pages that letters' links open: a click uses the link, opening it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from subgraphs.identity.app import create_app
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.kit.ids import new_id
from tests.subgraphs.identity.letters import last_token, payloads_of, run_requested_jobs
from tests.subgraphs.identity.oauth.conftest import Browser, Provider
from tests.subgraphs.identity.oauth.test_pages_in_a_browser import listening, serving
from tests.subgraphs.identity.people import LOGIN, People
from tests.subgraphs.identity.test_accounts import EMAIL_CHANGE, NEW_PASSWORD, RESET_REQUEST, run
from tests.subgraphs.identity.test_joining import INVITE
from tests.support.browser import open_page, require_chromium
from tests.support.subgraph import RunningSubgraph, running_subgraph

EMAIL = "amina@example.dz"


@pytest.fixture
async def provider(identity: RunningSubgraph, people: People) -> AsyncIterator[Provider]:
    made = Provider(identity, people)
    yield made
    await made.close()


async def click(browser: Browser, path: str, token: str, **filled: str) -> tuple[int, str]:
    page = await browser.open(path)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    # What the page's own script does with the fragment.
    answer = await browser.http.post(path, data={**hidden(page.text), "token": token, **filled})
    return answer.status_code, answer.text


def hidden(page: str) -> dict[str, str]:
    return {"form_token": page.partition('name="form_token" value="')[2].partition('"')[0]}


async def test_the_address_is_proved_by_the_click_and_not_by_opening(
    identity: RunningSubgraph, people: People, provider: Provider
) -> None:
    await people.register(EMAIL)
    await run_requested_jobs(identity)
    token = await last_token(identity, "user.email_verification_requested", "email_verification")
    browser = provider.browser()
    await browser.open("/account/verify-email")
    assert await payloads_of(identity, "user.email_verified") == []
    status, page = await click(browser, "/account/verify-email", token)
    assert (status, "Your address is confirmed." in page) == (200, True)
    assert await payloads_of(identity, "user.email_verified") == [{"email": EMAIL}]
    status, page = await click(browser, "/account/verify-email", token)
    assert (status, "not valid any more" in page) == (400, True)


async def test_a_password_is_chosen_and_a_weak_one_asked_for_again(
    identity: RunningSubgraph, people: People, provider: Provider
) -> None:
    await people.register(EMAIL)
    await run_requested_jobs(identity)
    await run(identity, RESET_REQUEST, email=EMAIL)
    await run_requested_jobs(identity)
    token = await last_token(identity, "user.password_reset_requested", "password_reset")
    browser = provider.browser("fr")
    status, page = await click(browser, "/account/reset-password", token, password="azertyuiop")
    assert (status, "trop facile" in page, f'value="{token}"' in page) == (400, True, True)
    status, page = await click(browser, "/account/reset-password", token, password=NEW_PASSWORD)
    assert (status, "est en place" in page) == (200, True)
    given = {"email": EMAIL, "password": NEW_PASSWORD}
    assert (await run(identity, LOGIN, input=given))["tokens"] is not None


async def test_both_sides_of_a_change_of_address_click(
    identity: RunningSubgraph, people: People, provider: Provider
) -> None:
    amina = await people.customer(EMAIL)
    await run(identity, EMAIL_CHANGE, amina.caller, to="new@example.dz")
    browser = provider.browser()
    for side, told in (("old", "when the other one has agreed"), ("new", "Your address has changed.")):
        token = await last_token(identity, "user.email_change_requested", "email_change", side=side)
        assert told in (await click(browser, "/account/change-email", token))[1]


async def test_an_invitation_is_accepted_after_logging_in(
    identity: RunningSubgraph, people: People, provider: Provider
) -> None:
    owner, karim = await people.owner(EMAIL), await people.customer("karim@example.dz")
    await run(identity, INVITE, owner.caller, email=karim.email, role="staff")
    token = await last_token(identity, "invitation.created", "invitation")
    browser = provider.browser()
    page = await browser.open("/account/accept-invitation")
    asked = await browser.http.post("/account/accept-invitation", data={**hidden(page.text), "token": token})
    assert 'action="/oauth/login"' in asked.text
    back = await browser.log_in(asked, karim)
    assert f'value="{token}"' in back.text
    accepted = await browser.http.post(
        "/account/accept-invitation", data={**hidden(back.text), "token": token}
    )
    assert "You belong to the organization now." in accepted.text


@pytest.mark.parametrize("path", ["/account/verify-email", "/account/reset-password"])
async def test_a_form_of_another_page_uses_no_link(provider: Provider, path: str) -> None:
    browser = provider.browser()
    await browser.open(path)
    for data in ({"token": "x"}, {"token": "x", "form_token": "0" * 64}):
        answer = await browser.http.post(path, data=data)
        assert answer.status_code == 400
    crossed = await browser.http.post(path, data={"token": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert crossed.status_code == 400


async def test_in_a_browser_the_token_comes_from_behind_the_hash_right_to_left() -> None:
    require_chromium()
    quick = PasswordHashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    async with listening() as (listener, url):
        settings = {"public_url": url, "event_bus_name": f"t{new_id().hex[-12:]}"}
        async with running_subgraph("identity", create_app, settings=settings, hashing=quick) as identity:
            provider = Provider(identity, People(identity))
            await provider.people.register(EMAIL)
            await run_requested_jobs(identity)
            token = await last_token(identity, "user.email_verification_requested", "email_verification")
            link = f"{url}/account/verify-email#token={token}"
            async with serving(provider, listener), open_page(link, language="ar") as page:
                await page.wait_for("document.getElementById('token')?.value.length > 20")
                assert await page.run("document.documentElement.dir") == "rtl"
                await page.wait_for("document.querySelector('footer a').hash.length > 20")
                await page.click("button[type=submit]")
                await page.wait_for("document.querySelector('[role=status]') !== null")
                assert await page.run("document.querySelector('[role=status]').innerText") == (
                    "تم تأكيد عنوانك."
                )
                assert page.complaints == []
            await provider.close()
