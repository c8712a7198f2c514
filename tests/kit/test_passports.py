"""The router's word on who asks, and nobody else's: made by the router, verified by the kit."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import jwt
import pytest

from router.authentication import ANONYMOUS as NOBODY
from router.authentication import Viewer as Caller
from router.authentication.passports import Passports, passport_key
from router.config import PassportConfig
from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.viewer import ANONYMOUS, Viewer
from subgraphs.kit.clock import SystemClock
from subgraphs.kit.errors import Unauthenticated
from tests.kit.test_edge import Served
from tests.support.database import test_settings as settings_for_tests
from tests.support.subgraph import RunningSubgraph, sign_access_token

SETTINGS = settings_for_tests("passports_")
SECRET = SETTINGS.internal_secret or ""
USER, ORGANIZATION, SESSION = uuid4(), uuid4(), uuid4()
CLAIMS = {
    "sub": str(USER),
    "org": str(ORGANIZATION),
    "sid": str(SESSION),
    "permissions": ["orders:read"],
    "exp": time.time() + 900,
}
CALLER = Caller(str(USER), claims=CLAIMS, key="a")


def passports(**settings: Any) -> Passports:
    return Passports(PassportConfig.model_validate({"secret": SECRET, **settings}))


async def viewer_of(passport: str, audience: str = "orders", **headers: str) -> Viewer:
    authenticator = Authenticator(SETTINGS, SystemClock(), audience)
    return await authenticator.viewer_of({"x-zellige-viewer": passport, **headers})


async def test_the_kit_reads_what_the_router_writes() -> None:
    viewer = await viewer_of(passports().passport(CALLER, "orders"))
    assert (viewer.user_id, viewer.organization_id, viewer.session_id) == (USER, ORGANIZATION, SESSION)
    assert viewer.permissions == {"orders:read"}
    assert await viewer_of(passports().passport(NOBODY, "orders")) is ANONYMOUS
    claims = {"user": str(USER), "org": str(ORGANIZATION), "permissions": ["inventory:reserve"]}
    service = Caller(str(USER), service="orders", claims=claims, key="b")
    viewer = await viewer_of(passports().passport(service, "orders"))
    assert viewer == Viewer(
        USER, ORGANIZATION, permissions=frozenset(["inventory:reserve"]), service="orders"
    )
    assert (await viewer_of(passports().of_router("orders"))).service == "router"


async def test_a_passport_is_for_one_subgraph() -> None:
    with pytest.raises(Unauthenticated):
        await viewer_of(passports().passport(CALLER, "orders"), "inventory")


async def test_the_router_makes_one_passport_for_a_viewer_until_half_its_life_is_over() -> None:
    now = [1_000_000.0]
    made = Passports(PassportConfig.model_validate({"secret": SECRET}), lambda: now[0])
    caller = Caller("u1", claims={"sub": "u1"}, key="k")
    first = made.passport(caller, "orders")
    assert made.passport(caller, "orders") == first
    assert made.passport(caller, "inventory") != first
    now[0] += 31
    assert made.passport(caller, "orders") != first


async def test_a_passport_ends_with_the_credential_it_is_made_from() -> None:
    caller = Caller("u1", claims=CLAIMS, key="k", expires_at=time.time() + 5)
    claims = jwt.decode(
        passports().passport(caller, "orders"), passport_key(SECRET), ["HS256"], audience="orders"
    )
    assert claims["exp"] - time.time() < 7


async def test_nothing_else_is_a_passport() -> None:
    user = Viewer(user_id=USER, session_id=SESSION)
    good: dict[str, Any] = {
        "iss": "zellige-router",
        "aud": "orders",
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
        "jti": "1",
        "viewer": CLAIMS,
    }
    forged = [
        sign_access_token(SETTINGS, user, {}),
        service_token(SETTINGS, SystemClock(), "orders", user),
        jwt.encode(good, SECRET, "HS256"),
        jwt.encode(good, "another secret that is long enough too", "HS256"),
        jwt.encode(good, "", "none"),
        jwt.encode({**good, "iss": "me"}, passport_key(SECRET), "HS256"),
        jwt.encode({**good, "exp": int(time.time()) - 1}, passport_key(SECRET), "HS256"),
        jwt.encode({**good, "exp": int(time.time()) + 9_000}, passport_key(SECRET), "HS256"),
        jwt.encode({**good, "viewer": "u1"}, passport_key(SECRET), "HS256"),
        jwt.encode({**good, "viewer": {"sub": "no UUID"}}, passport_key(SECRET), "HS256"),
        "",
        "x" * 9_000,
    ]
    for passport in forged:
        with pytest.raises(Unauthenticated):
            # A good token beside it does not help.
            await viewer_of(passport, authorization=f"Bearer {sign_access_token(SETTINGS, user, {})}")


async def test_a_passport_is_no_bearer_token() -> None:
    authenticator = Authenticator(SETTINGS, SystemClock(), "orders")
    passport = passports().passport(CALLER, "orders")
    await authenticator.viewer_of({"x-zellige-viewer": passport})
    with pytest.raises(Unauthenticated):
        await authenticator.viewer_of({"authorization": f"Bearer {passport}"})


async def test_a_subgraph_behind_the_router_answers_nobody_else(shelf: RunningSubgraph) -> None:
    settings = shelf.settings.model_copy(update={"router_only": True})
    app = type(shelf.app)(shelf.app.name, settings, shelf.app.schema)
    caller = shelf.user(permissions=["books:write"])
    body = b'{"query": "{ __typename }"}'
    async with Served(app) as served:
        status, response = await served.post(body, authorization=f"Bearer {caller.token}")
        assert (status, response["errors"][0]["extensions"]["code"]) == (403, "ROUTER_ONLY")
        status, response = await served.post(body, **{"x-zellige-viewer": "forged"})
        assert response["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        passport = passports().passport(NOBODY, app.name)
        assert await served.post(body, **{"x-zellige-viewer": passport}) == (
            200,
            {"data": {"__typename": "Query"}},
        )
        assert (await served.get("/health")).status == 200
