"""Asks a service which policies hold: `{"policies": [...], "viewer": {...}}`, answered `{"held": [...]}`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from router.authentication import Viewer
from router.authentication.fetch import FetchBounds, Fetcher, FetchError
from router.config import CoprocessorConfig
from router.response.encode import encode_json


class Coprocessor:
    """The client of one service."""

    def __init__(self, config: CoprocessorConfig) -> None:
        assert config.url is not None, "there is somebody to ask"
        self._url = config.url
        own = {name: value.get_secret_value() for name, value in config.headers.items()}
        bounds = FetchBounds(config.timeout_ms / 1000, config.bytes_max, config.requests_max)
        self._fetcher = Fetcher(bounds, {"content-type": "application/json", **own})

    async def decide(self, policies: Sequence[str], viewer: Viewer) -> set[str]:
        """Returns the policies that hold, of those asked; raises FetchError when that is not said."""
        who = {
            "id": viewer.id,
            "organization": viewer.organization,
            "service": viewer.service,
            "scopes": sorted(viewer.scopes),
            "claims": dict(viewer.claims),
        }
        body = encode_json({"policies": list(policies), "viewer": who if viewer.is_authenticated else None})
        status, text = await self._fetcher.fetch("POST", self._url, body=body)
        if status != 200:
            raise FetchError(f"it answered {status}")
        try:
            held = json.loads(text)["held"]
            return {name for name in policies if name in held} if isinstance(held, list) else set()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FetchError("its answer is not in the form that was agreed") from error

    async def close(self) -> None:
        """Closes the connections."""
        await self._fetcher.close()
