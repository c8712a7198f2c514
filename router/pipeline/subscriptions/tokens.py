"""Verifies bearer tokens by the keys their issuer publishes, for feeds whose conditions name claims."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import jwt
import structlog

from router.config import TokensConfig
from router.errors import ClientError
from router.pipeline.subscriptions.viewer import Authenticate, Claims
from router.response.codes import ErrorCode

_log = structlog.stdlib.get_logger("router.subscriptions")

_REMEMBERED_MAX = 10_000


def open_authenticator(config: TokensConfig) -> Authenticate:
    """Returns what verifies the tokens of one issuer; the keys are fetched when first needed."""
    return _TokenReader(config).read


class _TokenReader:
    """Remembers verified tokens until they expire: verifying costs more than all else of a handshake."""

    def __init__(self, config: TokensConfig) -> None:
        assert config.jwks_url is not None, "without keys nothing can be verified"
        self._config = config
        self._keys = jwt.PyJWKClient(
            config.jwks_url, lifespan=config.keys_lifetime_s, timeout=config.timeout_ms / 1000
        )
        self._known: OrderedDict[bytes, Claims] = OrderedDict()

    async def read(self, headers: Mapping[str, str]) -> Claims:
        """Returns the claims; none without a token. Raises ClientError UNAUTHENTICATED for a bad one."""
        header = headers.get("authorization")
        if header is None:
            return Claims()
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused()
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._known.get(fingerprint)
        if known is not None:
            return known  # whoever uses it looks at its expiry
        # Fetching keys is blocking, and a signature takes a while: neither may hold up the loop.
        claims = await asyncio.to_thread(self._verify, token.strip())
        self._known[fingerprint] = claims
        if len(self._known) > _REMEMBERED_MAX:
            self._known.popitem(last=False)
        return claims

    def _verify(self, token: str) -> Claims:
        config = self._config
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            values: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(config.algorithms),
                audience=config.audience,
                issuer=config.issuer,
                leeway=config.leeway_s,
                options={"require": ["exp", "sub"], "verify_aud": config.audience is not None},
            )
        except jwt.PyJWKClientConnectionError as error:
            _log.error("the issuer's keys cannot be read", error=str(error))
            raise ClientError("The token cannot be verified at the moment", "FEED_UNAVAILABLE") from error
        except jwt.PyJWTError as error:
            raise _refused() from error
        return Claims(values, str(values["sub"]), float(values["exp"]))


def _refused() -> ClientError:
    return ClientError("The access token is not valid or has expired", ErrorCode.UNAUTHENTICATED.name)
