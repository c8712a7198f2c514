"""Paths of the router's own address that a subgraph answers: log-in pages, OAuth, keys, links in mail.

Only named paths pass, with the headers such pages need and none by which a client could pose as the router.
Bodies and answers are bounded, redirects are the browser's to follow, and a subgraph that does not answer is
502. In one process the same code speaks to the subgraph's ASGI application, without a socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import structlog
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp

from router.config import ServerConfig
from router.server.client_address import ClientAddresses
from subgraphs.kit.client_origin import ADDRESS_HEADER
from zellige.errors import CommandFailed

IDENTITY_PATHS = ("/oauth", "/auth", "/account", "/.well-known")
PATHS = {**dict.fromkeys(IDENTITY_PATHS, "identity"), "/notifications": "notifications"}
"""Of the platform's domains, who answers where."""
METHODS = ["GET", "POST", "OPTIONS"]
BODY_BYTES_MAX = 100_000
ANSWER_BYTES_MAX = 2_000_000
TIMEOUT_S = 20.0
CONNECTIONS_MAX = 100
PASSED_ON = (
    *("accept", "accept-language", "authorization", "content-type", "cookie", "origin", "user-agent"),
    *("webhook-id", "webhook-signature", "webhook-timestamp"),
    *("access-control-request-headers", "access-control-request-method", "sec-fetch-site", "x-request-id"),
)
_KEPT_BACK = frozenset(
    ("connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding")
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Passage:
    """A path and all below it, and who answers there: an address, or an application of this process."""

    path: str
    target: str | ASGIApp


def read_passages(arguments: tuple[str, ...]) -> dict[str, str]:
    """Returns paths and addresses of `/oauth=http://identity:4101`; raises CommandFailed."""
    found: dict[str, str] = {}
    for argument in arguments:
        path, _, url = argument.partition("=")
        parts = urlsplit(url)
        is_path = path.startswith("/") and path.strip("/") and path == f"/{path.strip('/')}"
        if not is_path or parts.scheme not in {"http", "https"} or not parts.netloc:
            raise CommandFailed(f"{argument!r} is not PATH=URL, as in /oauth=http://identity:4101")
        found[path] = url.rstrip("/")
    return found


def add_passages(pages: FastAPI, passages: list[Passage], config: ServerConfig) -> None:
    """Makes the application answer on these paths, too; nothing is connected to before the first request."""
    addresses = ClientAddresses(config)
    for passage in passages:
        way = _Way(passage, addresses)
        pages.add_api_route(
            f"{passage.path}/{{rest:path}}", way.pass_on, methods=METHODS, response_model=None
        )


class _Way:
    def __init__(self, passage: Passage, addresses: ClientAddresses) -> None:
        self._addresses = addresses
        is_address = isinstance(passage.target, str)
        self._base = passage.target if is_address else "http://subgraph"
        limits = httpx2.Limits(max_connections=CONNECTIONS_MAX)
        self._client = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(limits=limits)
            if is_address
            else httpx2.ASGITransport(app=passage.target),  # pyright: ignore[reportArgumentType]
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )

    async def pass_on(self, request: Request) -> Response:
        """Returns what the subgraph answers."""
        body = await _read_bounded(request.stream(), BODY_BYTES_MAX)
        if body is None:
            return Response(status_code=413)
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self._base}{request.scope['raw_path'].decode('ascii')}{query}"
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._client.stream(
                    request.method, url, headers=self._headers(request), content=body
                ) as answer,
            ):
                content = await _read_bounded(answer.aiter_bytes(), ANSWER_BYTES_MAX)
                if content is None:
                    raise httpx2.ReadError("the answer is too large")
                return _answer(answer, content)
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            log.warning("passage_failed", path=request.url.path, reason=str(error) or type(error).__name__)
            return Response(status_code=502)

    def _headers(self, request: Request) -> Mapping[str, str]:
        headers = {name: value for name in PASSED_ON if (value := request.headers.get(name)) is not None}
        address = self._addresses.of(request.scope, dict(request.headers))
        return {**headers, **({ADDRESS_HEADER: address} if address else {})}


async def _read_bounded(chunks: AsyncIterator[bytes], bytes_max: int) -> bytes | None:
    parts, size = [], 0
    async for chunk in chunks:
        size += len(chunk)
        if size > bytes_max:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _answer(answer: httpx2.Response, content: bytes) -> Response:
    made = Response(content, answer.status_code)
    # Several cookies are several headers, so no map holds them.
    made.raw_headers += [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode() not in _KEPT_BACK
    ]
    return made
