"""API keys and cookies: asked about once, kept for a moment, refused safely."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import redis.asyncio

from router.authentication import ANONYMOUS
from router.authentication.authenticator import Authenticator
from router.authentication.passports import Passports, passport_key
from router.config import AuthenticationConfig, PassportConfig, SessionsConfig, TokenIntrospectionConfig
from router.errors import ClientError
from tests.authentication.test_tokens import SECRET, Time, bearer
from tests.support.engines import redis_url
from tests.support.issuer import Issuer, json_service

KEY = {"x-api-key": "zk_live_1"}


class Identity:
    """An introspection endpoint: knows one API key and one cookie."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {
            "zk_live_1": {"active": True, "sub": "program", "org": "o1", "permissions": ["orders:read"]},
            "cookie-1": {"active": True, "sub": "u1", "sid": "s1"},
        }
        self.asked: list[dict[str, str]] = []
        self.headers: Mapping[str, str] = {}
        self.answer: tuple[int, Any] | None = None

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.asked.append(fields)
        self.headers = headers
        await asyncio.sleep(0)
        return self.answer or (200, self.known.get(fields["token"], {"active": False}))


@asynccontextmanager
async def asking(
    identity: Identity, clock: Time | None = None, **settings: Any
) -> AsyncIterator[Authenticator]:
    """Yields an authenticator that asks the endpoint."""
    clock = clock or Time()
    passports = Passports(PassportConfig.model_validate({"secret": SECRET}), clock)
    async with json_service(identity) as url:
        introspection = TokenIntrospectionConfig(
            url=url, audience="identity", cookies=("session",), **settings.pop("introspection", {})
        )
        config = AuthenticationConfig(introspection=introspection, **settings)
        made = Authenticator(config, passports=passports, now=clock, clock=clock)
        try:
            yield made
        finally:
            await made.close()


async def test_a_key_is_asked_about_once_however_many_show_it() -> None:
    identity, clock = Identity(), Time()
    async with asking(identity, clock) as asked:
        viewers = await asyncio.gather(*(asked.authenticate(KEY) for _ in range(20)))
        assert {(viewer.id, viewer.organization) for viewer in viewers} == {("program", "o1")}
        assert identity.asked == [{"token": "zk_live_1", "token_type_hint": "api_key"}]
        assert asked.recall(KEY) is viewers[0]
        clock.moved_s = 31
        identity.known.clear()
        with pytest.raises(ClientError) as caught:
            await asked.authenticate(KEY)
        assert caught.value.code == "UNAUTHENTICATED"
        assert len(identity.asked) == 2


async def test_the_router_shows_who_it_is() -> None:
    identity = Identity()
    async with asking(identity) as asked:
        await asked.authenticate(KEY)
    claims = jwt.decode(
        identity.headers["x-zellige-viewer"],
        passport_key(SECRET),
        ["HS256"],
        audience="identity",
        issuer="zellige-router",
    )
    assert claims["service"] == "router"


async def test_refusals_are_remembered_for_a_moment() -> None:
    identity, clock = Identity(), Time()
    unknown = {"x-api-key": "zk_unknown"}
    async with asking(identity, clock) as asked:
        for _ in range(3):
            with pytest.raises(ClientError):
                await asked.authenticate(unknown)
        assert len(identity.asked) == 1
        clock.moved_s = 6
        with pytest.raises(ClientError):
            await asked.authenticate(unknown)
        assert len(identity.asked) == 2


async def test_what_a_key_opens_depends_on_where_it_comes_from() -> None:
    identity = Identity()
    async with asking(identity) as asked:
        await asked.authenticate(KEY, "192.0.2.1")
        assert asked.recall(KEY, "192.0.2.1") is not None
        assert asked.recall(KEY, "192.0.2.2") is None
        await asked.authenticate(KEY, "192.0.2.2")
        assert [one["client_address"] for one in identity.asked] == ["192.0.2.1", "192.0.2.2"]


async def test_cookies_opaque_or_tokens_and_never_two() -> None:
    identity, issuer = Identity(), Issuer()
    async with asking(identity, issuers=(issuer.config(),)) as asked:
        assert (await asked.authenticate({"cookie": "a=1; session=cookie-1; b=2"})).id == "u1"
        assert (await asked.authenticate({"cookie": f"session={issuer.token(sub='u7')}"})).id == "u7"
        assert len(identity.asked) == 1
        assert await asked.authenticate({"cookie": "other=1"}) is ANONYMOUS
        with pytest.raises(ClientError):
            await asked.authenticate({"cookie": "session=cookie-1; session=planted"})
        # what the client says on purpose comes before what a browser sends by itself
        both = {**bearer(issuer.token(sub="u8")), "cookie": "session=cookie-1"}
        assert (await asked.authenticate(both)).id == "u8"


@pytest.mark.parametrize(
    "answer",
    [(500, {}), (200, b"not JSON"), (200, ["active"]), (200, b"x" * 70_000), (302, {"active": True})],
    ids=["fault", "not JSON", "no object", "too large", "redirect"],
)
async def test_while_nobody_can_say_nothing_is_opened(answer: tuple[int, Any]) -> None:
    identity = Identity()
    identity.answer = answer
    async with asking(identity, on_invalid_token="anonymous") as asked:
        with pytest.raises(ClientError) as caught:
            await asked.authenticate(KEY)
        assert caught.value.code == "AUTHENTICATION_UNAVAILABLE"


@pytest.mark.parametrize("active", ["true", 1, None])
async def test_only_true_is_active(active: object) -> None:
    identity = Identity()
    identity.answer = (200, {"active": active, "sub": "u1"})
    async with asking(identity) as asked:
        with pytest.raises(ClientError):
            await asked.authenticate(KEY)


async def test_sessions_that_ended_are_refused_by_event_and_by_redis() -> None:
    issuer, clock = Issuer(), Time()
    sessions = SessionsConfig(redis_url=redis_url(), key_prefix=f"test:{id(issuer)}:")
    config = AuthenticationConfig(issuers=(issuer.config(),), sessions=sessions)
    asked = Authenticator(config, now=clock, clock=clock)
    store = redis.asyncio.Redis.from_url(redis_url())
    try:
        first, second = bearer(issuer.token(sid="a")), bearer(issuer.token(sid="b"))
        await asked.authenticate(first)
        await asked.authenticate(second)
        asked.end_session("a")
        assert asked.recall(first) is None
        with pytest.raises(ClientError):
            await asked.authenticate(first)
        await store.set(f"{sessions.key_prefix}b", "1", ex=60)
        assert asked.recall(second) is not None
        clock.moved_s = 6
        assert asked.recall(second) is None
        with pytest.raises(ClientError):
            await asked.authenticate(second)
        # a token that this process never saw
        with pytest.raises(ClientError):
            await asked.authenticate(bearer(issuer.token(sid="b", jti="2")))
    finally:
        await store.aclose()
        await asked.close()


@pytest.mark.parametrize("is_refused", [False, True])
async def test_without_redis_a_signature_is_enough_or_not_as_set(is_refused: bool) -> None:
    issuer = Issuer()
    sessions = SessionsConfig(
        redis_url="redis://127.0.0.1:1/0", when_unavailable="refuse" if is_refused else "accept"
    )
    asked = Authenticator(AuthenticationConfig(issuers=(issuer.config(),), sessions=sessions))
    try:
        if is_refused:
            with pytest.raises(ClientError) as caught:
                await asked.authenticate(bearer(issuer.token()))
            assert caught.value.code == "AUTHENTICATION_UNAVAILABLE"
        else:
            assert (await asked.authenticate(bearer(issuer.token()))).id == "u1"
    finally:
        await asked.close()
