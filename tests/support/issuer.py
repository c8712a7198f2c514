"""An issuer of tokens: keys of every family, and a real HTTP endpoint that publishes them.

async with published(issuer) as url: ...
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from router.config import IssuerConfig

AUDIENCE = "shop"
Key = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Returns an RSA key, made once: it takes a while."""
    return rsa.generate_private_key(65_537, 2_048)


class Issuer:
    """Signs tokens; `keys` are published by their `kid`, with the algorithm of each."""

    def __init__(self, name: str = "https://issuer.example", kid: str = "first") -> None:
        self.name = name
        self.keys: dict[str, tuple[str, Key]] = {}
        self.requests = 0
        self.is_down = False
        self.add(kid)

    def add(self, kid: str, algorithm: str = "EdDSA") -> None:
        """Publishes another key."""
        makers = {
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "RS256": rsa_key,
        }
        self.keys[kid] = (algorithm, makers[algorithm]())

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Returns the claims of a good token; those that are None are left out."""
        now = int(time.time())
        claims = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "u1",
            "sid": "s1",
            "org": "o1",
            "iat": now,
            "nbf": now,
            "exp": now + 900,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, kid: str = "first", headers: Mapping[str, Any] | None = None, **changed: Any) -> str:
        """Returns a token, signed well."""
        algorithm, key = self.keys[kid]
        return jwt.encode(self.claims(**changed), key, algorithm, headers={"kid": kid, **(headers or {})})

    def public_pem(self, kid: str = "first") -> bytes:
        """Returns a public key as everybody can know it."""
        key = self.keys[kid][1].public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def jwks(self) -> dict[str, Any]:
        """Returns what is published."""
        return {"keys": [_published(kid, *key) for kid, key in self.keys.items()]}

    def config(self, **changed: Any) -> IssuerConfig:
        """Returns how a router is told of this issuer, by its keys unless an address is given."""
        given: dict[str, Any] = {"issuer": self.name, "audiences": (AUDIENCE,), **changed}
        if "jwks_url" not in given:
            given["jwks"] = json.dumps(self.jwks())
        return IssuerConfig.model_validate(given)


def _published(kid: str, algorithm: str, key: Key) -> dict[str, Any]:
    families: dict[str, Any] = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm, "RS256": RSAAlgorithm}
    entry = json.loads(families[algorithm].to_jwk(key.public_key()))
    return {**entry, "kid": kid, "alg": algorithm, "use": "sig"}


@asynccontextmanager
async def published(issuer: Issuer) -> AsyncIterator[str]:
    """Yields the URL of the issuer's key set."""

    async def answer(_body: bytes, _headers: Mapping[str, str]) -> tuple[int, Any]:
        issuer.requests += 1
        return (503, {}) if issuer.is_down else (200, issuer.jwks())

    async with json_service(answer) as url:
        yield url


@asynccontextmanager
async def json_service(answer: Any) -> AsyncIterator[str]:
    """Yields the URL of a service on loopback; `answer` takes body and headers, returns status and JSON.

    Bytes are sent as they are.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
            headers = {name.lower(): value for name, _, value in lines}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, content = await answer(body, headers)
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            lead = f"HTTP/1.1 {status} OK\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
            writer.write(lead.encode() + text)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


def segment(content: Mapping[str, Any] | bytes) -> str:
    """Returns one part of a hand-made token."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
