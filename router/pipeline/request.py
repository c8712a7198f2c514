"""The request as it enters the pipeline, whatever the transport it came by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from router.authentication import ANONYMOUS, Viewer
from router.executor.transport.client import RequestScope


class GraphQLRequest(Struct, frozen=True):
    """One operation to run; shape already checked by the edge (strings are strings, maps are maps).

    `query` is empty where the client named a document instead: by `document_id`, or by the hash in
    `extensions.persistedQuery`.
    """

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    document_id: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is a text, and names no document."""
        return self.document_id is None and "persistedQuery" not in self.extensions


class RequestContext(Struct, frozen=True):
    """What surrounds a request: headers (lower-case names), its id, and whether mutations may run.

    `override_labels` are the named labels of progressive overrides that hold for this request. `scope` goes
    with every request to a subgraph. With `plan_only` nothing runs: the answer is the plan. `client_address`
    is where the request came from, behind the proxies that are trusted.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""
    allow_mutations: bool = True  # False for GET, after the GraphQL-over-HTTP spec
    override_labels: frozenset[str] = frozenset()
    scope: RequestScope = field(default_factory=RequestScope)
    plan_only: bool = False
    client_address: str = ""

    @property
    def viewer(self) -> Viewer:
        """Who asks, as far as anybody has looked."""
        return self.scope.caller or ANONYMOUS
