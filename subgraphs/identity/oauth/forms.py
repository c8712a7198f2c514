"""What programs and browsers send: forms, once each name, within bounds, and the client's secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote

from fastapi import Request

from subgraphs.identity.service.oauth.errors import OAuthError

FORM_BYTES_MAX = 20_000
FIELDS_MAX = 40
FORM_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Mapping[str, str]:
    """Returns the fields of a form; raises `invalid_request` for another body."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise OAuthError("invalid_request", f"Send a form ({FORM_TYPE})")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > FORM_BYTES_MAX:
            raise OAuthError("invalid_request", f"A form has at most {FORM_BYTES_MAX} bytes")
        chunks.append(chunk)
    try:
        text = b"".join(chunks).decode()
        return once_each(parse_qsl(text, keep_blank_values=False, max_num_fields=FIELDS_MAX))
    except ValueError as error:
        raise OAuthError("invalid_request", "The form cannot be read") from error


def read_query(request: Request) -> Mapping[str, str]:
    """Returns the parameters of the address."""
    return once_each(request.query_params.multi_items())


def once_each(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Returns the parameters; raises `invalid_request` when one comes twice (RFC 6749, 3.1)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise OAuthError("invalid_request", "A parameter is there twice")
        if value and "\x00" not in value:
            found[name] = value
    return found


def read_client_proof(request: Request, form: Mapping[str, str]) -> tuple[str, str | None]:
    """Returns the client's id and secret, by HTTP Basic or in the form; a public client has no secret."""
    header = request.headers.get("authorization", "")
    scheme, _, encoded = header.partition(" ")
    if not header:
        return form.get("client_id", ""), form.get("client_secret")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise OAuthError("invalid_request", "Show the client's secret in one way")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("invalid_client", "The credentials cannot be read") from error
    return unquote(client_id), unquote(secret)


def read_bearer(request: Request) -> str:
    """Returns the token of the Authorization header, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
