"""Attacks on who asks, through the router's own port: each is refused with its code, before any work."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest

from router.authentication.authenticator import Authenticator
from router.authentication.passports import Passports, passport_key
from router.config import (
    AuthenticationConfig,
    PassportConfig,
    ServerConfig,
    ServiceTokensConfig,
)
from router.executor.transport.build import Wiring, wrap_client
from router.executor.transport.in_process import InProcessClient
from router.executor.transport.passports import PassportClient, ShownHeaders
from router.pipeline.router import Access, Router
from router.server.app import create_app
from router.server.authentication import EdgeAuthentication
from router.supergraph import load_supergraph
from tests.server.serving import HttpAnswer, Served, listen
from tests.support.issuer import Issuer, segment
from tests.support.run_router import compose

SECRET = "the secret that services and the router share"
SDL = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")\ntype Query { who: String }'
QUERY = {"query": "{ who }"}


class Edge:
    """The router behind a real socket, over one subgraph that notes the headers it is shown."""

    def __init__(self, served: Served, issuer: Issuer, authenticator: Authenticator) -> None:
        self.served = served
        self.issuer = issuer
        self.authenticator = authenticator
        self.shown: list[Mapping[str, str]] = []

    async def subgraph(
        self, _query: str, _variables: Any, _name: str | None, headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Answers, and notes."""
        self.shown.append(headers)
        return {"data": {"who": "somebody"}}

    async def ask(self, token: str | None = None, **headers: str) -> HttpAnswer:
        """Posts the query."""
        shown = {"authorization": f"Bearer {token}"} if token is not None else {}
        return await self.served.post(QUERY, **shown, **headers)

    async def is_refused(self, token: str, **headers: str) -> None:
        """Holds that a token is refused, and that the next one is served as ever."""
        before = len(self.shown)
        answer = await self.ask(token, **headers)
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert len(self.shown) == before
        assert (await self.ask(self.issuer.token(jti=str(time.monotonic_ns())))).status == 200


@asynccontextmanager
async def attacked(**settings: Any) -> AsyncIterator[Edge]:
    """Yields the edge to attack."""
    issuer = Issuer()
    issuer.add("rsa", "RS256")
    config = AuthenticationConfig(
        issuers=(issuer.config(algorithms=("EdDSA", "RS256")),),
        services=ServiceTokensConfig.model_validate({"secret": SECRET}),
        passport=PassportConfig.model_validate({"secret": SECRET}),
        **settings,
    )
    passports, authenticator = Passports(config.passport), Authenticator(config)
    edge = Edge(Served(0), issuer, authenticator)
    sdl = compose({"people": SDL}).supergraph_sdl
    assert sdl is not None
    shown = ShownHeaders("people", passports, ("cookie", *config.credential_headers))
    client = wrap_client("people", InProcessClient("people", edge.subgraph), Wiring())
    router = Router(
        load_supergraph(sdl), {"people": PassportClient(client, shown)}, access=Access(authenticator)
    )
    gate = EdgeAuthentication(authenticator, config.passport.header)
    app = create_app(router, ServerConfig(), is_ready=lambda: True, authentication=gate)
    try:
        async with listen(app) as edge.served.port:
            yield edge
    finally:
        await router.close()
        await authenticator.close()


def forged(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"") -> str:
    """Returns a token made by hand."""
    return f"{segment(header)}.{segment(claims)}.{segment(signature)}"


def signed_with_public_key(edge: Edge, kid: str) -> str:
    """Returns a token whose shared secret is the issuer's public key, as PEM."""
    head = segment({"alg": "HS256", "kid": kid, "typ": "JWT"})
    body = segment(edge.issuer.claims())
    mac = hmac.new(edge.issuer.public_pem(kid), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{segment(mac)}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_a_token_without_a_signature_opens_nothing(algorithm: str) -> None:
    async with attacked() as edge:
        await edge.is_refused(forged({"alg": algorithm, "typ": "JWT"}, edge.issuer.claims()))
        good = edge.issuer.token().rsplit(".", 1)[0]
        await edge.is_refused(f"{good}.")


async def test_a_public_key_is_no_secret() -> None:
    async with attacked() as edge:
        await edge.is_refused(signed_with_public_key(edge, "first"))
        await edge.is_refused(signed_with_public_key(edge, "rsa"))


async def test_a_key_verifies_its_own_algorithm_alone() -> None:
    async with attacked() as edge:
        # signed by the RSA key in the name of the Ed25519 one, and the other way round
        claims = edge.issuer.claims()
        rsa, curve = edge.issuer.keys["rsa"][1], edge.issuer.keys["first"][1]
        await edge.is_refused(jwt.encode(claims, rsa, "RS256", headers={"kid": "first"}))
        await edge.is_refused(jwt.encode(claims, curve, "EdDSA", headers={"kid": "rsa"}))
        await edge.is_refused(jwt.encode(claims, rsa, "PS256", headers={"kid": "rsa"}))
        await edge.is_refused(jwt.encode(claims, rsa, "RS512", headers={"kid": "rsa"}))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["another", "internal"]},
        {"iss": "https://evil.example"},
        {"iss": ""},
        {"sub": None},
    ],
    ids=str,
)
async def test_claims_that_do_not_hold(changed: Mapping[str, Any]) -> None:
    async with attacked() as edge:
        await edge.is_refused(edge.issuer.token(**changed))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "first' OR '1'='1",
        "http://evil.example/jwks.json",
        "",
        "first\u0000",
        "x" * 3_000,
    ],
)
async def test_a_key_id_is_only_looked_up(kid: str) -> None:
    async with attacked() as edge:
        await edge.is_refused(edge.issuer.token(headers={"kid": kid}))


async def test_keys_and_addresses_within_a_token_are_not_used() -> None:
    async with attacked() as edge:
        stranger = Issuer(edge.issuer.name, kid="stranger")
        (key,) = stranger.jwks()["keys"]
        for headers in (
            {"jwk": key},
            {"jku": "http://127.0.0.1:1/jwks.json", "jwk": key},
            {"x5u": "http://127.0.0.1:1/chain.pem"},
            {"x5c": ["MIIB"]},
        ):
            await edge.is_refused(stranger.token("stranger", headers=headers))
        await edge.is_refused(edge.issuer.token(headers={"crit": ["exp"]}))


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", "....", "eyJ.eyJ.", "é", "x" * 20_000, base64.b64encode(b"\xff" * 90).decode()],
)
async def test_what_is_no_token(token: str) -> None:
    async with attacked() as edge:
        answer = await edge.ask(token)
        if token:
            assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert (await edge.ask(edge.issuer.token())).status == 200


async def test_a_header_of_another_scheme_or_two_of_them() -> None:
    async with attacked() as edge:
        good = edge.issuer.token()
        for value in (f"Basic {good}", good, f"Bearer {good}, Bearer {good}", f"Bearer {good} {good}"):
            answer = await edge.served.post(QUERY, authorization=value)
            assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_a_deeply_nested_token_brings_nobody_down() -> None:
    async with attacked() as edge:
        nested = b'{"a":' * 1_000 + b"1" + b"}" * 1_000
        await edge.is_refused(f"{segment(nested)}.{segment(nested)}.{segment(b'x')}")
        await edge.is_refused(f"{segment({'alg': 'EdDSA'})}.{segment(b'[' * 1_500)}.{segment(b'x')}")


async def test_a_token_of_a_session_that_ended_is_refused_though_it_was_good() -> None:
    async with attacked() as edge:
        token, other = edge.issuer.token(sid="stolen"), edge.issuer.token(sid="another")
        assert (await edge.ask(token)).status == 200
        edge.authenticator.end_session("stolen")
        for _ in range(3):
            assert (await edge.ask(token)).status == 401
        assert (await edge.ask(edge.issuer.token(sid="stolen", jti="new"))).status == 401
        assert (await edge.ask(other)).status == 200


async def test_a_service_token_of_a_client_is_only_good_with_the_secret() -> None:
    async with attacked() as edge:
        now = int(time.time())
        claims = {
            "iss": "zellige-identity",
            "aud": "internal",
            "sub": "orders",
            "jti": "1",
            "iat": now,
            "exp": now + 60,
            "permissions": ["*"],
        }
        await edge.is_refused(jwt.encode(claims, "guessed" * 8, "HS256"))
        await edge.is_refused(jwt.encode(claims, passport_key(SECRET), "HS256"))
        await edge.is_refused(jwt.encode({**claims, "exp": now + 9_000}, SECRET, "HS256"))


async def test_a_client_cannot_say_who_it_is_to_subgraphs() -> None:
    async with attacked() as edge:
        own = Passports(PassportConfig.model_validate({"secret": "x" * 40}))
        injected = own.of_router("people")
        for name in ("x-zellige-viewer", "X-Zellige-Viewer", "X-ZELLIGE-VIEWER"):
            answer = await edge.served.send(
                headers={"content-type": "application/json", name: injected}, body=json.dumps(QUERY).encode()
            )
            assert answer.status == 200
        assert (await edge.ask(edge.issuer.token(), x_zellige_viewer=injected)).status == 200
        passports = [headers["x-zellige-viewer"] for headers in edge.shown]
        assert len(passports) == 4
        assert injected not in passports
        viewers = [
            jwt.decode(one, passport_key(SECRET), ["HS256"], audience="people")["viewer"] for one in passports
        ]
        assert viewers[:3] == [None, None, None]
        assert viewers[3]["sub"] == "u1"


async def test_subgraphs_are_not_shown_what_a_client_could_be_robbed_of() -> None:
    async with attacked() as edge:
        await edge.ask(edge.issuer.token(), cookie="session=1", x_api_key="zk_1")
        (headers,) = edge.shown
        assert headers.keys().isdisjoint({"authorization", "cookie", "x-api-key"})


async def test_a_bad_credential_is_refused_before_the_body_is_read() -> None:
    async with attacked() as edge:
        answer = await edge.served.post(b"{ this is no JSON", authorization="Bearer forged")
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        answer = await edge.served.send(
            "GET", "/graphql?query=%7B%20who%20%7D", headers={"authorization": "Bearer forged"}
        )
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
