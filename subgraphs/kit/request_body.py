"""The parts of a GraphQL request, from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from subgraphs.kit.subgraph_request import SubgraphRequest


class MalformedRequestError(Exception):
    """What came is not a GraphQL request."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def read_request(content: Any, headers: Mapping[str, str]) -> SubgraphRequest:
    """Returns the request; raises MalformedRequestError."""
    if not isinstance(content, dict):
        raise MalformedRequestError("The body must be one JSON object")
    query, name = content.get("query"), content.get("operationName")
    variables = content.get("variables")
    if not isinstance(query, str) or not query:
        raise MalformedRequestError("`query` must be text")
    if name is not None and not isinstance(name, str):
        raise MalformedRequestError("`operationName` must be text")
    if variables is not None and not isinstance(variables, dict):
        raise MalformedRequestError("`variables` must be an object")
    return SubgraphRequest(query, variables or {}, name or None, headers)
