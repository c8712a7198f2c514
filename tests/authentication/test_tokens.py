"""Which tokens are taken, from which issuer, by which of its keys, and for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest

from router.authentication import ANONYMOUS, Viewer
from router.authentication.authenticator import Authenticator
from router.config import AuthenticationConfig, KeysConfig, ServiceTokensConfig
from router.errors import ClientError
from tests.subscriptions.world import until
from tests.support.issuer import Issuer, published

SECRET = "a secret that services share, of some length"


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moved_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.moved_s


@asynccontextmanager
async def authenticator(
    *issuers: Any, clock: Time | None = None, **settings: Any
) -> AsyncIterator[Authenticator]:
    """Yields an authenticator of these issuers."""
    clock = clock or Time()
    config = AuthenticationConfig(issuers=issuers, **settings)
    made = Authenticator(config, now=clock, clock=clock)
    try:
        yield made
    finally:
        await made.close()


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def refused(asked: Authenticator, token: str) -> str:
    """Returns the code a token is refused with."""
    with pytest.raises(ClientError) as caught:
        await asked.authenticate(bearer(token))
    return caught.value.code


async def test_claims_say_who_asks_and_what_they_may() -> None:
    issuer = Issuer()
    async with authenticator(issuer.config()) as asked:
        token = issuer.token(scope="read write", permissions=["orders:read"], exp=int(time.time()) + 60)
        viewer = await asked.authenticate(bearer(token))
        assert (viewer.id, viewer.organization, viewer.session) == ("u1", "o1", "s1")
        assert viewer.scopes == {"read", "write", "orders:read"}
        assert viewer.is_authenticated
        assert await asked.authenticate({}) is ANONYMOUS
        assert not ANONYMOUS.is_authenticated


async def test_what_was_verified_is_known_again_without_waiting_until_it_expires() -> None:
    issuer, clock = Issuer(), Time()
    async with authenticator(issuer.config(), clock=clock) as asked:
        headers = bearer(issuer.token())
        assert asked.recall(headers) is None
        viewer = await asked.authenticate(headers)
        assert asked.recall(headers) is viewer
        assert asked.recall({"accept": "*/*"}) is ANONYMOUS
        clock.moved_s = 899
        assert asked.recall(headers) is viewer
        clock.moved_s = 906
        assert asked.recall(headers) is None
        assert await refused(asked, issuer.token(exp=int(time.time()) + 900)) == "UNAUTHENTICATED"


async def test_two_issuers_each_by_its_own_keys_and_algorithms() -> None:
    ours, theirs = Issuer(), Issuer("https://theirs.example")
    theirs.add("rsa", "RS256")
    theirs.add("curve", "ES256")
    own = theirs.config(algorithms=("RS256", "ES256"))
    async with authenticator(ours.config(), own) as asked:
        assert (await asked.authenticate(bearer(ours.token(sub="a")))).id == "a"
        assert (await asked.authenticate(bearer(theirs.token("rsa", sub="b")))).id == "b"
        assert (await asked.authenticate(bearer(theirs.token("curve", sub="c")))).id == "c"
        # its algorithm is not among those of its issuer
        assert await refused(asked, theirs.token("first")) == "UNAUTHENTICATED"
        # signed by one, in the name of the other
        assert await refused(asked, theirs.token("rsa", iss=ours.name)) == "UNAUTHENTICATED"
        assert await refused(asked, ours.token(iss="https://nobody.example")) == "UNAUTHENTICATED"
        assert await refused(asked, ours.token(iss=None)) == "UNAUTHENTICATED"


async def test_newer_tokens_of_a_session_are_the_same_viewer_and_other_claims_are_another() -> None:
    issuer = Issuer()

    async def key(**claims: Any) -> str:
        return (await asked.authenticate(bearer(issuer.token(**claims)))).key

    async with authenticator(issuer.config()) as asked:
        first = await key(jti="1")
        assert await key(jti="2", exp=int(time.time()) + 500) == first
        assert await key(jti="1", permissions=["orders:read"]) != first
        assert await key(sub="u2") != first


async def test_many_requests_with_an_unknown_key_make_one_reading_and_forged_ids_no_more() -> None:
    issuer, clock = Issuer(), Time()
    async with (
        published(issuer) as url,
        authenticator(issuer.config(jwks_url=url), clock=clock) as asked,
    ):
        tokens = [issuer.token(jti=str(number)) for number in range(30)]
        viewers = await asyncio.gather(*(asked.authenticate(bearer(token)) for token in tokens))
        assert {viewer.id for viewer in viewers} == {"u1"}
        assert issuer.requests == 1
        issuer.add("second")
        for number in range(20):
            forged = issuer.token(headers={"kid": f"../../{number}"}, jti=str(number))
            assert await refused(asked, forged) == "UNAUTHENTICATED"
        assert await refused(asked, issuer.token("second")) == "UNAUTHENTICATED"
        assert issuer.requests == 1
        clock.moved_s = 11
        assert (await asked.authenticate(bearer(issuer.token("second")))).id == "u1"
        assert issuer.requests == 2


async def test_keys_that_cannot_be_read_again_are_kept_and_read_in_the_background() -> None:
    issuer, clock = Issuer(), Time()
    async with (
        published(issuer) as url,
        authenticator(
            issuer.config(jwks_url=url), clock=clock, keys=KeysConfig(refresh_s=60, stale_s_max=600)
        ) as asked,
    ):
        await asked.authenticate(bearer(issuer.token()))
        issuer.is_down = True
        clock.moved_s = 61
        assert (await asked.authenticate(bearer(issuer.token(jti="2")))).id == "u1"
        await until(lambda: issuer.requests == 2)
        clock.moved_s = 661
        assert await refused(asked, issuer.token(jti="3")) == "AUTHENTICATION_UNAVAILABLE"
        issuer.is_down = False
        clock.moved_s = 700
        assert (await asked.authenticate(bearer(issuer.token(jti="4")))).id == "u1"


async def test_a_withdrawn_key_opens_nothing_once_the_keys_were_read_again() -> None:
    issuer, clock = Issuer(), Time()
    issuer.add("leaked")
    async with (
        published(issuer) as url,
        authenticator(issuer.config(jwks_url=url), clock=clock, keys=KeysConfig(refresh_s=60)) as asked,
    ):
        stolen = issuer.keys["leaked"]
        await asked.authenticate(bearer(issuer.token("leaked")))
        del issuer.keys["leaked"]
        clock.moved_s = 61
        await asked.authenticate(bearer(issuer.token(jti="2")))
        await until(lambda: issuer.requests == 2)
        # What was verified holds until it expires; nothing new is.
        forger = Issuer(issuer.name)
        forger.keys["leaked"] = stolen

        async with asyncio.timeout(20):
            with pytest.raises(ClientError):
                while True:  # the answer is on its way
                    await asked.authenticate(bearer(forger.token("leaked", jti=str(time.monotonic_ns()))))


async def test_without_keys_from_the_start_nothing_can_be_verified() -> None:
    issuer = Issuer()
    issuer.is_down = True
    async with published(issuer) as url, authenticator(issuer.config(jwks_url=url)) as asked:
        assert await refused(asked, issuer.token()) == "AUTHENTICATION_UNAVAILABLE"


async def test_a_service_token_is_verified_by_the_secret_alone() -> None:

    issuer, now = Issuer("zellige-identity"), int(time.time())
    claims = {
        "iss": "zellige-identity",
        "aud": "internal",
        "sub": "orders",
        "jti": "1",
        "iat": now,
        "exp": now + 60,
        "user": "u1",
        "org": "o1",
        "permissions": ["inventory:reserve"],
    }
    services = ServiceTokensConfig.model_validate({"secret": SECRET})
    async with authenticator(issuer.config(), services=services) as asked:
        viewer = await asked.authenticate(bearer(jwt.encode(claims, SECRET, "HS256")))
        assert isinstance(viewer, Viewer)
        assert (viewer.service, viewer.id, viewer.organization) == ("orders", "u1", "o1")
        assert viewer.scopes == {"inventory:reserve"}
        for changed in (
            {"exp": now + 600},
            {"aud": "shop"},
            {"iss": "x"},
            {"exp": now - 60, "iat": now - 90},
        ):
            bad = jwt.encode({**claims, **changed}, SECRET, "HS256")
            assert await refused(asked, bad) == "UNAUTHENTICATED"


async def test_bad_tokens_can_be_taken_for_nobody() -> None:
    issuer = Issuer()
    async with authenticator(issuer.config(), on_invalid_token="anonymous") as asked:
        assert await asked.authenticate(bearer("forged")) is ANONYMOUS
        assert await asked.authenticate({"authorization": "Basic dTpw"}) is ANONYMOUS
        assert (await asked.authenticate(bearer(issuer.token()))).id == "u1"


async def test_no_more_is_remembered_than_may_be() -> None:
    issuer = Issuer()
    async with authenticator(issuer.config(), viewers_max=3) as asked:
        all_headers = [bearer(issuer.token(jti=str(number))) for number in range(5)]
        for headers in all_headers:
            await asked.authenticate(headers)
        assert [asked.recall(headers) is not None for headers in all_headers] == [
            False,
            False,
            True,
            True,
            True,
        ]
