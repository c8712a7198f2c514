"""The two answers to a credential that does not hold."""

from __future__ import annotations

from router.errors import ClientError
from router.response.codes import ErrorCode


def refuse_credential() -> ClientError:
    """Returns the one answer to every bad credential; which check failed is nobody's business."""
    return ClientError("The access token is not valid or has expired", ErrorCode.UNAUTHENTICATED.name)


def cannot_verify() -> ClientError:
    """Returns the answer while whoever could say whether a credential holds is not to be reached."""
    message = "The credentials cannot be verified at the moment"
    return ClientError(message, ErrorCode.AUTHENTICATION_UNAVAILABLE.name)
