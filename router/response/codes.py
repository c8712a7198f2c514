"""Every error code the router itself answers with, its HTTP status and its priority.

When a response carries several request errors, the status of the highest priority is sent.
"""

from __future__ import annotations

from enum import Enum


class ErrorCode(Enum):
    """`extensions.code` of an error, with (name, HTTP status, priority).

    The name stands in the value because members of equal value would be aliases of each other.
    """

    # the HTTP request
    BAD_REQUEST = ("BAD_REQUEST", 400, 40)
    UNSUPPORTED_MEDIA_TYPE = ("UNSUPPORTED_MEDIA_TYPE", 415, 60)
    NOT_ACCEPTABLE = ("NOT_ACCEPTABLE", 406, 60)
    METHOD_NOT_ALLOWED = ("METHOD_NOT_ALLOWED", 405, 60)
    PAYLOAD_TOO_LARGE = ("PAYLOAD_TOO_LARGE", 413, 60)
    CSRF_PREVENTED = ("CSRF_PREVENTED", 403, 70)
    # the document
    GRAPHQL_PARSE_FAILED = ("GRAPHQL_PARSE_FAILED", 400, 50)
    GRAPHQL_VALIDATION_FAILED = ("GRAPHQL_VALIDATION_FAILED", 400, 50)
    OPERATION_NOT_FOUND = ("OPERATION_NOT_FOUND", 400, 50)
    OPERATION_NOT_SUPPORTED = ("OPERATION_NOT_SUPPORTED", 400, 50)
    BAD_USER_INPUT = ("BAD_USER_INPUT", 400, 45)
    DOCUMENT_LIMIT_EXCEEDED = ("DOCUMENT_LIMIT_EXCEEDED", 400, 55)
    PERSISTED_QUERY_NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", 200, 50)
    # planning
    QUERY_PLANNING_FAILED = ("QUERY_PLANNING_FAILED", 500, 80)
    QUERY_PLAN_LIMIT_EXCEEDED = ("QUERY_PLAN_LIMIT_EXCEEDED", 400, 80)
    # execution
    DOWNSTREAM_SERVICE_ERROR = ("DOWNSTREAM_SERVICE_ERROR", 200, 10)
    SUBGRAPH_UNREACHABLE = ("SUBGRAPH_UNREACHABLE", 200, 10)
    SUBGRAPH_TIMEOUT = ("SUBGRAPH_TIMEOUT", 200, 10)
    SUBGRAPH_HTTP_ERROR = ("SUBGRAPH_HTTP_ERROR", 200, 10)
    SUBGRAPH_CIRCUIT_OPEN = ("SUBGRAPH_CIRCUIT_OPEN", 200, 10)
    SUBGRAPH_MALFORMED_RESPONSE = ("SUBGRAPH_MALFORMED_RESPONSE", 200, 10)
    # subscriptions
    RESUME_WINDOW_EXCEEDED = ("RESUME_WINDOW_EXCEEDED", 409, 60)
    RESUME_NOT_SUPPORTED = ("RESUME_NOT_SUPPORTED", 400, 60)
    FEED_UNAVAILABLE = ("FEED_UNAVAILABLE", 503, 70)
    SLOW_CONSUMER = ("SLOW_CONSUMER", 200, 10)
    SUBSCRIPTION_LIMIT_EXCEEDED = ("SUBSCRIPTION_LIMIT_EXCEEDED", 429, 90)
    SUBSCRIPTION_SCHEMA_RELOAD = ("SUBSCRIPTION_SCHEMA_RELOAD", 200, 10)
    REQUEST_TIMEOUT = ("REQUEST_TIMEOUT", 504, 75)
    # the edge
    UNAUTHENTICATED = ("UNAUTHENTICATED", 401, 90)
    FORBIDDEN = ("FORBIDDEN", 403, 85)
    RATE_LIMITED = ("RATE_LIMITED", 429, 95)
    OVERLOADED = ("OVERLOADED", 503, 95)
    # ours
    INTERNAL_SERVER_ERROR = ("INTERNAL_SERVER_ERROR", 500, 100)

    @property
    def status(self) -> int:
        """The HTTP status when this code refuses a whole request."""
        return self.value[1]

    @property
    def priority(self) -> int:
        """Which status wins when errors of several codes meet: the highest."""
        return self.value[2]
