"""The HTTP status of an answer, after the policy that is set.

`audit` follows the published audits: with `application/json` a well-formed request whose document is bad is
answered 200, as old clients expect; with `application/graphql-response+json` it is 400.
`draft` follows the newest draft for both media types: 400 only for what cannot be parsed, 422 for what can
but is not valid, 294 for data that comes with errors.
"""

from __future__ import annotations

from typing import Literal

from router.response.codes import ErrorCode
from router.response.result import GraphQLResult
from router.server.negotiation import MediaType
from router.server.refusal import RefusedError

StatusPolicy = Literal["audit", "draft"]

_PARTIAL_SUCCESS = 294


def status_of_result(result: GraphQLResult, media: MediaType, policy: StatusPolicy) -> int:
    """Returns the status of what the pipeline answered."""
    if policy == "draft":
        return _draft_status(result)
    status = result.status
    return 200 if status == 400 and media is MediaType.JSON else status


def status_of_refusal(refusal: RefusedError, policy: StatusPolicy) -> int:
    """Returns the status of what the edge itself refused."""
    return refusal.draft_status if policy == "draft" else refusal.status


def _draft_status(result: GraphQLResult) -> int:
    if result.executed:
        return _PARTIAL_SUCCESS if result.errors and result.data is not None else 200
    status = result.status
    cannot_parse = any(error.code == ErrorCode.GRAPHQL_PARSE_FAILED.name for error in result.errors)
    return 422 if status == 400 and not cannot_parse else status
