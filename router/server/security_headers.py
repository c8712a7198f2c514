"""Headers that tell a browser to trust a response with nothing it does not need."""

from __future__ import annotations

from router.config import ServerConfig
from router.server.cors import HeaderList


def security_headers(config: ServerConfig) -> HeaderList:
    """Returns the headers every response of the router carries."""
    headers: HeaderList = (
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
    if config.hsts_max_age_s:
        hsts = f"max-age={config.hsts_max_age_s}; includeSubDomains".encode()
        headers = (*headers, (b"strict-transport-security", hsts))
    changed = {name.encode(): value for name, value in config.response_headers.items()}
    if not changed:
        return headers
    kept = tuple(header for header in headers if header[0] not in changed)
    own = ((name, value.encode("latin-1")) for name, value in changed.items() if value is not None)
    return (*kept, *own)
