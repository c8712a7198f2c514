"""What is sent back, and the sending of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import Send
from router.server.cors import HeaderList
from router.server.negotiation import MediaType


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response; the headers every response carries are added when it is sent."""

    status: int
    body: bytes = b""
    media: MediaType | None = None
    headers: HeaderList = ()


def result_to_map(result: GraphQLResult, request_id: str) -> dict[str, Any]:
    """Returns the response body of a result, each error tied to the log by the request id."""
    body = result.to_map()
    for entry in body.get("errors", ()):
        entry["extensions"]["requestId"] = request_id
    return body


def errors_to_map(errors: Sequence[ResponseError], request_id: str) -> Mapping[str, Any]:
    """Returns the response body of a request that never reached the pipeline."""
    return result_to_map(GraphQLResult.refused(*errors), request_id)


async def send_reply(send: Send, reply: Reply, common: HeaderList) -> None:
    """Sends the whole response in two messages."""
    headers = [*common, *reply.headers, (b"content-length", str(len(reply.body)).encode())]
    if reply.media is not None:
        headers.append((b"content-type", reply.media.value))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
