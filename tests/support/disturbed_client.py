"""A subgraph whose answers are spoilt: values of other types, nulls, things missing, things too many.

What is done to an answer follows from its request and a seed alone, so that two routers that ask the same are
told the same, however often and in whichever order they ask. Half of the answers come as bytes.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from router.errors import SubgraphError
from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse

# Where a value stands: its parent and its key there.
Place = tuple[Any, Any]


class DisturbedClient(AwaitedOnly):
    """Spoils a share of what `inner` answers."""

    def __init__(self, inner: SubgraphClient, seed: int, share: float, *, takes_body: bool) -> None:
        self.inner = inner
        self.takes_body = takes_body
        self._seed = seed
        self._share = share

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answers one request."""
        variables = request.variables
        if request.body is not None:
            variables = json.loads(request.body).get("variables")
        plain = SubgraphRequest(request.query, variables, request.operation_name, request.headers)
        response = await self.inner.execute(plain)
        spoilt: dict[str, Any] = {"data": copy.deepcopy(response.data)}
        if response.errors:
            spoilt["errors"] = list(response.errors)
        self._disturb(spoilt, plain)
        if request.wants_body and self.takes_body:
            return SubgraphResponse(None, body=json.dumps(spoilt).encode())
        if not isinstance(spoilt.get("data"), dict | None):
            raise SubgraphError("not GraphQL", "SUBGRAPH_MALFORMED_RESPONSE", service="any")
        return SubgraphResponse(spoilt.get("data"), tuple(spoilt.get("errors") or ()))

    def _disturb(self, body: dict[str, Any], request: SubgraphRequest) -> None:
        """Spoils each entity by itself, whatever its place in the request, and the answer as a whole."""
        asked = {
            name.replace("representations", "_entities"): value
            for name, value in (request.variables or {}).items()
            if name.startswith("representations")
        }
        for key, representations in asked.items():
            rows = body["data"].get(key) if isinstance(body["data"], dict) else None
            for index, representation in enumerate(representations):
                if isinstance(rows, list):
                    holder = {"data": {"row": rows[index]}}
                    self._spoil(holder, [request.query, key, representation], spoil_part)
                    rows[index] = holder["data"].get("row")
        together = [sorted(json.dumps(one, sort_keys=True) for one in sent) for sent in asked.values()]
        rest = {name: value for name, value in (request.variables or {}).items() if "represent" not in name}
        self._spoil(body, [request.query, together, rest], spoil_whole if asked else spoil)

    def _spoil(
        self, body: dict[str, Any], identity: Any, spoil_it: Callable[[dict[str, Any], random.Random], None]
    ) -> None:
        rng = random.Random(json.dumps([self._seed, identity], sort_keys=True))
        while rng.random() < self._share:
            spoil_it(body, rng)

    async def close(self) -> None:
        """Closes the subgraph."""
        await self.inner.close()


def spoil(body: dict[str, Any], rng: random.Random) -> None:
    """Does one random thing to an answer."""
    (spoil_whole if rng.random() < 0.05 else spoil_part)(body, rng)


def spoil_whole(body: dict[str, Any], rng: random.Random) -> None:
    """Does one random thing to an answer as a whole, now and then."""
    if rng.random() < 0.1:
        rng.choice(_WHOLE)(body)


def spoil_part(body: dict[str, Any], rng: random.Random) -> None:
    """Does one random thing to a value within an answer."""
    places = list(_places(body["data"])) if isinstance(body.get("data"), dict) else []
    if places:
        parent, key = rng.choice(places)
        rng.choice(_PARTS)(parent, key)


def _places(value: Any) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)


def _set(value: Any) -> Callable[[Any, Any], None]:
    def change(parent: Any, key: Any) -> None:
        parent[key] = copy.deepcopy(value)

    return change


def _remove(parent: Any, key: Any) -> None:
    del parent[key]


def _double(parent: Any, key: Any) -> None:
    if isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    else:
        parent["unasked"] = copy.deepcopy(parent[key])


def _wrap(parent: Any, key: Any) -> None:
    parent[key] = [parent[key]]


_PARTS: tuple[Callable[[Any, Any], None], ...] = (
    _set(None),
    _set(None),
    _set(7),
    _set(1.5),
    _set(True),
    _set("spoilt"),
    _set([]),
    _set({}),
    _set(2**40),
    _remove,
    _double,
    _wrap,
)
_WHOLE: tuple[Callable[[dict[str, Any]], None], ...] = (
    lambda body: body.update(data=None),
    lambda body: body.update(errors=[{"message": "spoilt"}]),
    lambda body: body.update(data=None, errors=[{"message": "spoilt"}]),
    lambda body: body.update(errors=[]),
)
