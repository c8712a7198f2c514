"""What a request shows of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from router.authentication.refusal import refuse_credential
from router.config import AuthenticationConfig

Kind = Literal["access_token", "api_key", "session_cookie"]
_COOKIES_MAX = 100


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret a client showed, and where; `address` is the client's IP address, if known."""

    kind: Kind
    value: str
    address: str | None = None

    @property
    def is_jwt(self) -> bool:
        """Whether it has the shape of a signed JWT; only a look, nothing is believed."""
        return self.value.count(".") == 2 and self.value.startswith("eyJ")


class CredentialReader:
    """Finds the credential in headers (lower-case names); one request has one.

    Unless somebody `resolves` them, API keys are not looked at.
    """

    def __init__(self, config: AuthenticationConfig, *, resolves: bool) -> None:
        self._api_key_headers = config.introspection.api_key_headers if resolves else ()
        self._cookies = frozenset(config.introspection.cookies)
        self._bytes_max = config.token_bytes_max

    def find(self, headers: Mapping[str, str], address: str | None = None) -> Credential | None:
        """Returns it, None when nothing is shown; raises ClientError for what cannot be one.

        A bearer token comes before an API key, this before a cookie, which browsers send unasked.
        """
        authorization = headers.get("authorization")
        if authorization is not None and authorization.strip():
            scheme, _, token = authorization.strip().partition(" ")
            if scheme.lower() != "bearer":
                raise refuse_credential()
            return self._checked(Credential("access_token", token.strip(), address))
        for name in self._api_key_headers:
            if value := headers.get(name, "").strip():
                return self._checked(Credential("api_key", value, address))
        if self._cookies and "cookie" in headers:
            value = self._cookie(headers["cookie"])
            if value:
                return self._checked(Credential("session_cookie", value, address))
        return None

    def _checked(self, credential: Credential) -> Credential:
        value = credential.value
        if not value or len(value) > self._bytes_max or not value.isascii() or not value.isprintable():
            raise refuse_credential()
        if " " in value or "," in value:  # two headers joined, or more than one word
            raise refuse_credential()
        return credential

    def _cookie(self, header: str) -> str | None:
        found: str | None = None
        for part in header.split(";", _COOKIES_MAX)[:_COOKIES_MAX]:
            name, _, value = part.strip().partition("=")
            if name in self._cookies:
                if found is not None and found != value:
                    raise refuse_credential()  # one of the two was put there by somebody else
                found = value.strip('"')
        return found
