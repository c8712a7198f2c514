"""Cross-origin answers, for exactly the origins the configuration names."""

from __future__ import annotations

from collections.abc import Mapping

from router.config import CorsConfig
from router.response.codes import ErrorCode
from router.server.refusal import RefusedError

HeaderList = tuple[tuple[bytes, bytes], ...]

# PUT and DELETE are of event streams that many operations share.
_METHODS = b"GET, POST, PUT, DELETE, OPTIONS"
_ALLOWED = b"GET, POST, OPTIONS"


class Cors:
    """Header lists computed once per allowed origin."""

    def __init__(self, config: CorsConfig) -> None:
        self._allows_any = "*" in config.allow_origins
        self._credentials: HeaderList = (
            ((b"access-control-allow-credentials", b"true"),) if config.allow_credentials else ()
        )
        exposed = ", ".join(config.expose_headers).encode()
        self._exposed: HeaderList = ((b"access-control-expose-headers", exposed),) if exposed else ()
        self._by_origin = {origin: self._headers_for(origin) for origin in config.allow_origins}
        self._preflight: HeaderList = (
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", ", ".join(config.allow_headers).encode()),
            (b"access-control-max-age", str(config.max_age_s).encode()),
        )

    def response_headers(self, headers: Mapping[str, str]) -> HeaderList:
        """Returns what a response to this request carries; nothing for an origin that is not allowed."""
        origin = headers.get("origin")
        if origin is None:
            return ()
        return self._by_origin.get("*" if self._allows_any else origin, ())

    def preflight_headers(self, headers: Mapping[str, str]) -> HeaderList:
        """Returns the answer to an OPTIONS request; raises a 403 RefusedError for an origin not allowed."""
        if "origin" not in headers or "access-control-request-method" not in headers:
            return ((b"allow", _ALLOWED),)
        allowed = self.response_headers(headers)
        if not allowed:
            raise RefusedError("This origin may not call the router", ErrorCode.FORBIDDEN)
        return (*allowed, *self._preflight)

    def _headers_for(self, origin: str) -> HeaderList:
        allow = (b"access-control-allow-origin", origin.encode("latin-1"))
        return (allow, *self._credentials, *self._exposed)
