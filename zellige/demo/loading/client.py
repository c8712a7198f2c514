"""A client of the whole graph, for one person at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from router.pipeline.executes import Executes
from router.pipeline.request import GraphQLRequest, RequestContext


class DemoRefusedError(Exception):
    """The API refused a step of loading the demo shop; the message says which and why."""


class DemoClient:
    """Sends operations as the holder of a token, or as nobody."""

    def __init__(self, router: Executes, token: str | None = None) -> None:
        self._router = router
        self._token = token

    def holding(self, token: str) -> DemoClient:
        """Returns a client that shows this token."""
        return DemoClient(self._router, token)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns the data of an operation; raises DemoRefusedError when there are errors."""
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        context = RequestContext(headers=headers, request_id=str(uuid4()))
        result = await self._router.execute(GraphQLRequest(query, None, variables or {}), context)
        if result.errors or result.data is None:
            raise DemoRefusedError("; ".join(f"{error.message} ({error.code})" for error in result.errors))
        return result.data

    async def change(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        accepted: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """Returns the payload of a mutation of one field; a refusal raises unless its code is accepted."""
        ((name, payload),) = (await self.ask(query, variables)).items()
        refused = [error for error in payload["userErrors"] if error["code"] not in accepted]
        if refused:
            reasons = "; ".join(f"{error['message']} ({error['code']})" for error in refused)
            raise DemoRefusedError(f"{name}: {reasons}")
        return payload
