"""`POST /notifications/receipts/<provider>`: receipts, signed as Standard Webhooks asks.

An organization's own provider posts to `/notifications/receipts/<organization>/<provider>`. The body:

    {"type": "delivered" | "opened" | "bounced" | "complained" | "failed",
     "messageId": "<our id>", "providerMessageId": "<theirs>", "to": "<address>", "permanent": true}

One of the two ids is needed. 204: heard, also when it was heard before or names no message; 401: not signed
by this provider; 400, 413: not a receipt. The same `webhook-id` has its effect once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.notifications.channels.registry import own_provider_name
from subgraphs.notifications.channels.signatures import BadSignatureError, verify
from subgraphs.notifications.model.provider_queries import secret_references_of
from subgraphs.notifications.service.delivery.port import Delivery
from subgraphs.notifications.service.delivery.receive_receipt import Receipt, ReceiptKind, receive_receipt

BODY_BYTES_MAX = 20_000
ID_LENGTH_MAX = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: Literal["delivered", "opened", "bounced", "complained", "failed"]
    message_id: UUID | None = Field(default=None, alias="messageId")
    provider_message_id: str | None = Field(default=None, alias="providerMessageId", max_length=ID_LENGTH_MAX)
    to: str | None = Field(default=None, max_length=500)
    permanent: bool = True

    @model_validator(mode="after")
    def _names_a_message(self) -> _Body:
        if self.message_id is None and not self.provider_message_id:
            raise ValueError("one of the two ids is needed")
        return self


def receipt_routes(delivery: Delivery, database: Database, clock: Clock) -> APIRouter:
    """Returns the two routes."""
    router = APIRouter()

    @router.post("/notifications/receipts/{provider}")
    async def of_platform(provider: str, request: Request) -> Response:
        return await receive(request, provider, delivery.providers.receipt_keys(provider), None)

    @router.post("/notifications/receipts/{organization_id}/{provider}")
    async def of_organization(organization_id: UUID, provider: str, request: Request) -> Response:
        async with database.read_session() as session:
            references = await secret_references_of(session, organization_id, provider)
        keys = delivery.providers.own_receipt_keys(references)
        return await receive(request, own_provider_name(organization_id, provider), keys, organization_id)

    async def receive(
        request: Request, provider: str, keys: Sequence[bytes], organization_id: UUID | None
    ) -> Response:
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        try:
            receipt_id = verify(keys, request.headers, clock.now(), body)
            receipt = _receipt_of(receipt_id, provider, organization_id, _Body.model_validate_json(body))
        except BadSignatureError:
            return Response(status_code=401)
        except ValidationError:
            return Response(status_code=400)
        async with database.transaction() as session:
            await receive_receipt(session, receipt, clock.now())
        return Response(status_code=204)

    return router


def _receipt_of(receipt_id: str, provider: str, organization_id: UUID | None, content: _Body) -> Receipt:
    return Receipt(
        id=receipt_id,
        provider=provider,
        kind=ReceiptKind(content.type),
        message_id=content.message_id,
        provider_message_id=content.provider_message_id,
        address=content.to,
        is_permanent=content.permanent,
        organization_id=organization_id,
    )


async def _read(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return body
