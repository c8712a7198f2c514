"""The SubgraphClient that asks the cache first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from router.cache.cache import SupergraphCache
from router.cache.fetch_facts import FetchFacts
from router.cache.keys import Audience
from router.config import TransportConfig
from router.errors import SubgraphError
from router.executor.caching.items import Item, ItemsOf
from router.executor.caching.mutations import invalidations_of, needs_result
from router.executor.caching.serving import AnswerHeaders, Serving, Subject
from router.executor.transport.build import Layer
from router.executor.transport.client import (
    Begun,
    Receiver,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.executor.transport.decode import decoded


def caching_layer(cache: SupergraphCache, transport: TransportConfig | None = None) -> Layer:
    """Returns the layer that puts the cache around the client of a subgraph.

    `transport` names the headers that are sent on: answers depend on them.
    """
    config = cache.cache.config
    sent_on = transport.headers_sent_on if transport is not None else ()
    headers = AnswerHeaders(config.telling_headers(sent_on), frozenset(name.lower() for name in sent_on))

    def wrap(name: str, client: SubgraphClient) -> SubgraphClient:
        graph = cache.graph_of(name)
        return client if graph is None else CachingClient(cache, (graph, name), client, headers)

    return wrap


class CachingClient:
    """Serves what is kept of a subgraph's answers, and keeps them.

    `subgraph` is its id in the supergraph and its name.
    """

    def __init__(
        self,
        cache: SupergraphCache,
        subgraph: tuple[str, str],
        client: SubgraphClient,
        headers: AnswerHeaders,
    ) -> None:
        graph, name = subgraph
        self._cache = cache
        self._name = name
        self._client = client
        self._config = cache.cache.config
        self._settings = self._config.of_subgraph(name)
        self._facts = cache.facts_of(graph)
        self._items = ItemsOf(name, graph, cache, self._facts, headers.telling)
        self._invalidates = bool(cache.declarations[graph].rules)
        # What has no age in schema and settings can only have one from a header. Until the first is seen,
        # and most subgraphs never send any, nothing is looked up that could not be there.
        self._gives_ages = self._settings.default_max_age_s > 0
        self._subject = Subject(cache.cache, name, client, self._settings, headers)
        # Where anything is kept or invalidated, representations and arguments are needed as values.
        self.takes_body = client.takes_body and not self._settings.enabled and not self._invalidates

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> Begun | None:
        """Sends an operation at once, where nothing is kept or invalidated and the client below can."""
        if self._settings.enabled or self._invalidates:
            return None
        begun = self._client.begin(request, receiver)
        if begun is not None and request.scope.cache is not None:
            request.scope.cache.forbid()
        return begun

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation, on what is kept as far as it goes."""
        fetch = request.fetch
        if fetch is None or fetch.kind == "subscription":
            return await self._pass(request)
        facts = self._facts.of(fetch.document)
        if request.is_mutation or fetch.kind == "mutation":
            return await self._mutate(request, facts)
        # A viewer nobody named is told by the headers, so that forgetting to name one shares nothing.
        scope, viewers = request.scope, self._cache.cache.viewers
        viewer = scope.viewer or viewers.label_of(scope.caller, request.headers)
        audience = Audience(viewer, self._config.private)
        items = self._take_apart(request, facts, audience)
        if not items:
            response = await self._pass(request)
            self._gives_ages = self._gives_ages or "cache-control" in response.headers
            return response
        return await Serving(self._subject, request, audience, facts.entities, items).run()

    def _take_apart(self, request: SubgraphRequest, facts: FetchFacts, audience: Audience) -> Sequence[Item]:
        if not self._settings.enabled or not self._could_keep(request, facts):
            return ()
        try:
            return self._items.take_apart(request, facts, audience)
        except TypeError:
            return ()  # a value beyond 64 bits: nothing that equal requests could be told by

    def _could_keep(self, request: SubgraphRequest, facts: FetchFacts) -> bool:
        if facts.root is not None:
            return self._gives_ages or not facts.root.policy.has_gap
        if self._gives_ages or not facts.entities:
            return bool(facts.entities)
        variables = request.variables or {}
        for selection in facts.entities:
            for name in {str(one["__typename"]) for one in variables[selection.variable]}:
                if not self._facts.entity(selection, name).policy.has_gap:
                    return True
        return False

    async def _pass(self, request: SubgraphRequest) -> SubgraphResponse:
        if request.scope.cache is not None:
            request.scope.cache.forbid()
        return await self._client.execute(request)

    async def _mutate(self, request: SubgraphRequest, facts: FetchFacts) -> SubgraphResponse:
        """Sends a mutation and invalidates what it changed before anybody hears that it did."""
        if not facts.rules:
            return await self._pass(request)
        data = None
        try:
            response = await self._pass(request)
            if needs_result(facts.rules):
                response = decoded(self._name, response)
                data = response.data
        except (SubgraphError, asyncio.CancelledError):
            # It may have been executed all the same.
            await self._invalidate(request, facts, None)
            raise
        await self._invalidate(request, facts, data)
        return response

    async def _invalidate(self, request: SubgraphRequest, facts: FetchFacts, data: object) -> None:
        known = data if isinstance(data, dict) else None
        await self._cache.cache.invalidate(
            invalidation
            for rule in facts.rules
            for invalidation in invalidations_of(self._name, rule, request.variables or {}, known)
        )

    async def close(self) -> None:
        """Closes the client beneath; the cache belongs to the process."""
        await self._client.close()
