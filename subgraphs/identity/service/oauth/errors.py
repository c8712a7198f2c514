"""Why the provider refuses a client, in the words of RFC 6749 (5.2), RFC 8628 (3.5) and OpenID Connect."""

from __future__ import annotations


class OAuthError(Exception):
    """A refusal told to the client: a code of the specification and a sentence for its developer."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class UnsafeRequestError(Exception):
    """The request names no client or address that may be told of it: the person is, and stays here."""


def invalid_grant() -> OAuthError:
    """Returns the one answer to codes and tokens that are unknown, expired, used or another client's."""
    return OAuthError("invalid_grant", "The code or token is not valid for this client")


def invalid_client() -> OAuthError:
    """Returns the one answer to clients that cannot prove who they are."""
    return OAuthError("invalid_client", "The client is unknown or its secret is wrong")
