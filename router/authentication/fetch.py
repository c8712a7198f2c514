"""One bounded HTTP exchange: in size, in time, in how many at once; no redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2


class FetchError(Exception):
    """There was no answer within the bounds; the message names the kind of failure, no address."""


@dataclass(frozen=True, slots=True)
class FetchBounds:
    """How long an exchange may take, how large its answer may be, how many are under way at once."""

    timeout_s: float
    bytes_max: int
    requests_max: int = 8


class Fetcher:
    """Asks one service over kept connections; belongs to the event loop of its first call.

    `transport` is another way than the network.
    """

    def __init__(
        self,
        bounds: FetchBounds,
        headers: Mapping[str, str] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._bounds = bounds
        self._transport = transport
        self._headers = dict(headers or {})
        self._client: httpx2.AsyncClient | None = None
        self._under_way = asyncio.Semaphore(bounds.requests_max)

    async def fetch(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Returns status and body; raises FetchError."""
        try:
            async with asyncio.timeout(self._bounds.timeout_s), self._under_way:
                return await self._exchange(method, url, body, {**self._headers, **(headers or {})})
        except TimeoutError as error:
            raise FetchError(f"no answer within {round(self._bounds.timeout_s * 1000)} ms") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise FetchError(type(error).__name__) from error

    async def close(self) -> None:
        """Closes the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        if self._client is None:
            limits = httpx2.Limits(max_connections=self._bounds.requests_max)
            timeout = httpx2.Timeout(self._bounds.timeout_s)
            self._client = httpx2.AsyncClient(
                transport=self._transport, limits=limits, timeout=timeout, follow_redirects=False
            )
        chunks, size = [], 0
        async with self._client.stream(method, url, content=body, headers=headers) as answer:
            async for chunk in answer.aiter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > self._bounds.bytes_max:
                    raise FetchError(f"more than {self._bounds.bytes_max} bytes")
            return answer.status_code, b"".join(chunks)
