"""What an opaque key or cookie stands for: asked, and kept for a moment.

https://www.rfc-editor.org/rfc/rfc7662
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
import structlog

from router.authentication.credential import Credential
from router.authentication.fetch import FetchBounds, Fetcher, FetchError
from router.authentication.passports import Passports
from router.authentication.refusal import cannot_verify
from router.config import TokenIntrospectionConfig

_log = structlog.stdlib.get_logger("router.authentication")

Resolve = Callable[[Credential], Awaitable[Mapping[str, Any] | None]]
"""Returns the claims of whom the credential stands for, None when it stands for nobody (any more).

Raises ClientError when that cannot be told at the moment.
"""


class HttpIntrospection:
    """Asks an introspection endpoint."""

    def __init__(
        self,
        config: TokenIntrospectionConfig,
        passports: Passports | None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        assert config.url is not None, "there is somebody to ask"
        self._url = config.url
        self._audience = config.audience
        self._passports = passports
        own = {name: value.get_secret_value() for name, value in config.headers.items()}
        bounds = FetchBounds(config.timeout_ms / 1000, config.bytes_max, config.requests_max)
        self._fetcher = Fetcher(bounds, {"accept": "application/json", **own}, transport)

    async def resolve(self, credential: Credential) -> Mapping[str, Any] | None:
        """Returns the claims, None for nobody; raises ClientError AUTHENTICATION_UNAVAILABLE."""
        fields = {"token": credential.value, "token_type_hint": credential.kind}
        if credential.address is not None:
            fields["client_address"] = credential.address
        try:
            answer = await self._ask(urlencode(fields).encode())
        except (FetchError, ValueError, RecursionError) as error:
            _log.error("a credential cannot be resolved", error=str(error))
            raise cannot_verify() from error
        if answer.get("active") is not True:
            return None
        return {name: value for name, value in answer.items() if name != "active"}

    async def close(self) -> None:
        """Closes the connections."""
        await self._fetcher.close()

    async def _ask(self, body: bytes) -> Mapping[str, Any]:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if self._audience is not None and self._passports is not None:
            headers[self._passports.header] = self._passports.of_router(self._audience)
        status, text = await self._fetcher.fetch("POST", self._url, body=body, headers=headers)
        if status != 200:
            raise FetchError(f"it answered {status}")
        answer = json.loads(text)
        if not isinstance(answer, dict):
            raise FetchError("it answered no object")
        return answer
