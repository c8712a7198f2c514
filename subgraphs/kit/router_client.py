"""How a domain asks another domain: through the router, with an internal token, never by import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from subgraphs.kit.http_client import HttpCallError, call_http
from subgraphs.kit.settings import KitSettings


class RouterUnreachableError(Exception):
    """The router gave no GraphQL answer; whether it acted is unknown."""


class RouterClient(Protocol):
    """Executes operations on the whole graph."""

    async def execute(self, query: str, variables: Mapping[str, Any], *, token: str) -> Mapping[str, Any]:
        """Returns the GraphQL response as a map; raises RouterUnreachableError when there is none."""
        ...


class HttpRouterClient:
    """Reaches the router over HTTP at `router_url`."""

    def __init__(self, settings: KitSettings) -> None:
        self._url = settings.router_url
        self._timeout_s = settings.router_timeout_s

    async def execute(self, query: str, variables: Mapping[str, Any], *, token: str) -> Mapping[str, Any]:
        """Returns the GraphQL response as a map; raises RouterUnreachableError when there is none."""
        headers = {
            "content-type": "application/json",
            "accept": "application/graphql-response+json, application/json",
            "authorization": f"Bearer {token}",
        }
        body = orjson.dumps({"query": query, "variables": dict(variables)})
        try:
            answer = await call_http("POST", self._url, timeout_s=self._timeout_s, headers=headers, body=body)
            response = orjson.loads(answer.body)
        except (HttpCallError, orjson.JSONDecodeError) as error:
            raise RouterUnreachableError(str(error)) from error
        if not isinstance(response, dict) or not ({"data", "errors"} & response.keys()):
            raise RouterUnreachableError(f"HTTP {answer.status} without a GraphQL response")
        return response
