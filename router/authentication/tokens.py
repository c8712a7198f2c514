"""JWTs of the issuers that are set: each verified by its own issuer's keys, algorithms and audiences."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import jwt

from router.authentication.key_set import KeySet
from router.authentication.refusal import refuse_credential
from router.config import AuthenticationConfig, IssuerConfig


class TokenVerifier:
    """Verifies the tokens of several issuers; `now` gives Unix seconds, `clock` those of a steady clock."""

    def __init__(
        self,
        config: AuthenticationConfig,
        now: Callable[[], float],
        clock: Callable[[], float],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._now = now
        self._issuers: Mapping[str, tuple[IssuerConfig, KeySet]] = {
            one.issuer: (one, KeySet(one, config.keys, clock, transport)) for one in config.issuers
        }

    async def verify(self, token: str, header: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns the claims of a token whose unverified header this is; raises ClientError.

        What the token says of itself before it is verified chooses one issuer and one of its keys, and
        nothing else: no `jku`, `jwk` or `x5u` is followed, and an extension named by `crit` is refused.
        """
        found = self._issuers.get(_issuer_named_by(token))
        algorithm, kid = header.get("alg"), header.get("kid")
        if found is None or "crit" in header or not (kid is None or isinstance(kid, str)):
            raise refuse_credential()
        issuer, keys = found
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            raise refuse_credential()
        key = await keys.find(kid, algorithm)
        if key is None:
            raise refuse_credential()
        claims = verified_claims(
            token, key.key, algorithm, audience=list(issuer.audiences), issuer=issuer.issuer
        )
        check_times(claims, self._now(), issuer.leeway_s)
        if any(claims.get(name) is None for name in issuer.required_claims):
            raise refuse_credential()
        return claims

    async def close(self) -> None:
        """Ends readings of keys under way."""
        await asyncio.gather(*(keys.close() for _, keys in self._issuers.values()))


def unverified_header(token: str) -> Mapping[str, Any]:
    """Returns a token's header, which is only its own word; raises ClientError."""
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise refuse_credential() from error


def verified_claims(
    token: str, key: Any, algorithm: str, *, audience: list[str] | str, issuer: str
) -> dict[str, Any]:
    """Returns the claims of a token signed by `key` with exactly `algorithm`; times are not checked."""
    options: Any = {"require": ["exp"], "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        return jwt.decode(
            token, key, algorithms=[algorithm], audience=audience, issuer=issuer, options=options
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise refuse_credential() from error


def check_times(claims: Mapping[str, Any], now: float, leeway_s: float) -> None:
    """Raises ClientError when the token is not in force, by our own clock give or take the leeway."""
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times.values()):
        raise refuse_credential()
    if not times.get("exp", 0) + leeway_s > now:
        raise refuse_credential()
    if not max(times.get("nbf", 0), times.get("iat", 0)) <= now + leeway_s:
        raise refuse_credential()


def _issuer_named_by(token: str) -> str:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise refuse_credential() from error
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else ""
