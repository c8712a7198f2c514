"""An answer in parts over HTTP: multipart/mixed, a part for each payload, sent as soon as it is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from router.response.encode import encode_json
from router.response.incremental import Payload
from router.response.incremental_formats import CurrentFormat, IncrementalFormat, PreviousFormat
from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import Send
from router.server.cors import HeaderList
from router.server.negotiation import PartsMedia

_DELIMITER = b"\r\n---"
_PART_HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
_FORMATS = {PartsMedia.PREVIOUS: PreviousFormat, PartsMedia.CURRENT: CurrentFormat}
# Proxies that gather a response before they pass it on would undo the deferring.
_UNBUFFERED = (b"x-accel-buffering", b"no")


@dataclass(frozen=True, slots=True)
class PartsReply:
    """A response whose first payload is there."""

    media: PartsMedia
    first: Payload
    rest: AsyncGenerator[Payload, None]
    status: int = 200


async def begin_parts(answer: AsyncGenerator[Payload, None] | GraphQLResult, media: PartsMedia) -> PartsReply:
    """Waits for the first payload; a whole result becomes the only one."""
    payloads = _only(answer) if isinstance(answer, GraphQLResult) else answer
    return PartsReply(media, await anext(payloads), payloads)


async def _only(result: GraphQLResult) -> AsyncGenerator[Payload, None]:
    yield Payload(result)


class PartsSender:
    """Writes the parts of one response."""

    def __init__(self, send: Send, media: PartsMedia, request_id: str) -> None:
        self._send = send
        self._media = media
        self._request_id = request_id
        self._format: IncrementalFormat = _FORMATS[media]()

    async def begin(self, common: HeaderList) -> None:
        """Sends the head; without a content-length, so that HTTP/1.1 sends chunks."""
        headers = [*common, _UNBUFFERED, (b"content-type", self._media.value)]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(_DELIMITER, more=True)

    async def send_payload(self, payload: Payload, extensions: Mapping[str, Any] | None = None) -> None:
        """Sends one payload."""
        body = self._format.body_of(payload)
        if extensions is not None:
            body["extensions"] = {**body.get("extensions", {}), **extensions}
        await self._send_body(body)

    async def abandon(self, error: ResponseError) -> None:
        """Sends, as the last part, that the rest cannot come."""
        await self._send_body(self._format.abandon(error))

    async def _send_body(self, body: dict[str, Any]) -> None:
        for error in _errors_in(body):
            error["extensions"]["requestId"] = self._request_id
        # The delimiter comes with the part before it: many clients read a part only once they have seen it.
        end = b"" if body["hasNext"] else b"--\r\n"
        await self._write(_PART_HEAD + encode_json(body) + _DELIMITER + end, more=body["hasNext"])

    async def _write(self, data: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": more})


def _errors_in(body: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield from body.get("errors", ())
    for name in ("incremental", "completed"):
        for entry in body.get(name, ()):
            yield from entry.get("errors", ())
