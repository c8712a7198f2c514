"""Microseconds for each request: without credentials, with a token that is known, with one that is not.

The bound is 20 microseconds for a known token. Rounds alternate, and the best of each counts: on a busy
machine only that says something.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from router.authentication.authenticator import Authenticator
from router.authentication.passports import Passports
from router.config import AuthenticationConfig, PassportConfig
from router.server.authentication import EdgeAuthentication
from tests.support.issuer import Issuer

ROUNDS = 15
REQUESTS = 2_000
HEADERS = {"accept": "*/*", "content-type": "application/json", "user-agent": "benchmark", "host": "shop"}
Ask = Callable[[dict[str, str]], Awaitable[object]]


async def main() -> None:
    """Prints the figures."""
    issuer = Issuer()
    authenticator = Authenticator(AuthenticationConfig(issuers=(issuer.config(),)))
    edge = EdgeAuthentication(authenticator, "x-zellige-viewer")
    token = issuer.token(permissions=[f"resource{number}:read" for number in range(20)])
    known = {**HEADERS, "authorization": f"Bearer {token}"}
    viewer = await edge.viewer_of(known)
    passports = Passports(PassportConfig.model_validate({"secret": "s" * 40}))
    best = {"anonymous": 1e9, "known": 1e9, "verified": 1e9, "passport": 1e9}
    for number in range(ROUNDS):
        best["anonymous"] = min(best["anonymous"], await _measure(edge.viewer_of, HEADERS, REQUESTS))
        best["known"] = min(best["known"], await _measure(edge.viewer_of, known, REQUESTS))
        fresh = {**HEADERS, "authorization": f"Bearer {issuer.token(jti=str(number))}"}
        best["verified"] = min(best["verified"], await _measure(edge.viewer_of, fresh, 1))
        started = time.perf_counter()
        for _ in range(REQUESTS):
            passports.passport(viewer, "orders")
        best["passport"] = min(best["passport"], (time.perf_counter() - started) / REQUESTS * 1e6)
    for name, microseconds in best.items():
        print(f"{name:>10}: {microseconds:8.2f} us a request")
    await authenticator.close()


async def _measure(ask: Ask, headers: Mapping[str, str], count: int) -> float:
    given = dict(headers)
    started = time.perf_counter()
    for _ in range(count):
        await ask(given)
    return (time.perf_counter() - started) / count * 1e6


asyncio.run(main())
