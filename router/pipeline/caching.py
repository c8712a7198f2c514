"""The cache around whole operations: who asks, what is kept of answers, what clients are told of them."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from router.cache.cache import Cache
from router.cache.cache_control import write_cache_control
from router.cache.counters import CLIENT, RESPONSE
from router.cache.entry import Entry
from router.cache.keys import Audience, key_prefix, space_key, varying
from router.cache.policy import Policy, Scope
from router.cache.report import CacheReport
from router.cache.store import Lookup, Reading, Write
from router.config import TransportConfig
from router.pipeline.executes import ExecutesInParts
from router.pipeline.in_flight import is_surely_query
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.encode import encode_json
from router.response.incremental import Payload
from router.response.result import GraphQLResult

RESPONSE_KIND = b"o"
DEBUG_HEADER = "x-zellige-cache-debug"
NAMES_PER_RESPONSE_MAX = 5_000


class _Kept(msgspec.Struct, array_like=True):
    """A kept answer: the JSON of its data, and the names it depends on with their tokens."""

    dependencies: dict[bytes, bytes]
    is_private: bool
    data: bytes


_encode_kept = msgspec.msgpack.Encoder().encode
_decode_kept = msgspec.msgpack.Decoder(_Kept).decode


@dataclass(slots=True)
class _Asking:
    """One operation of one client."""

    context: RequestContext
    report: CacheReport
    audience: Audience
    key: bytes | None


class CachingRouter:
    """Executes over another router; answers what it kept, and keeps what it may.

    `transport` says which headers of a request are sent on: answers depend on them.
    """

    def __init__(
        self, router: ExecutesInParts, cache: Cache, transport: TransportConfig | None = None
    ) -> None:
        self._router = router
        self._cache = cache
        self._config = cache.config
        sent_on = transport.headers_sent_on if transport is not None else ()
        self._header_names = self._config.telling_headers(sent_on)
        vary = dict.fromkeys((*self._config.identity_headers, *self._header_names))
        self._vary = (b"vary", ", ".join(vary).encode())

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the outcome of the operation, kept or new."""
        asking = self._ask(request, context)
        if asking.key is not None:
            kept = await self._find(asking, asking.key)
            if kept is not None:
                return kept
        started = time.monotonic()
        result = await self._router.execute(request, context)
        if not result.executed or context.plan_only:
            return result
        self._tell_client(asking, result)
        if asking.key is not None and not result.errors:
            await self._keep(asking, asking.key, result, time.monotonic() - started)
        return self._with_details(asking, result)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that may defer something; any other may be kept."""
        if "@defer" not in request.query:
            return await self.execute(request, context)
        # An answer in parts says nothing of caching, but its fetches may be served from what is kept.
        asking = self._ask(request, context)
        asking.report.forbid()
        return await self._router.execute_in_parts(request, context)

    def _ask(self, request: GraphQLRequest, context: RequestContext) -> _Asking:
        scope, config = context.scope, self._config
        viewers = self._cache.viewers
        viewer = scope.viewer = scope.viewer or viewers.label_of(scope.caller, context.headers)
        record = scope.record
        is_plain = not context.plan_only and not (record is not None and record.is_inspected)
        audience = Audience(viewer, config.private)
        key = self._key(request, context, audience) if config.responses.enabled and is_plain else None
        wants_details = config.debug and context.headers.get(DEBUG_HEADER) == "1"
        report = scope.cache = CacheReport(key is not None, wants_details)
        return _Asking(context, report, audience, key)

    def _key(self, request: GraphQLRequest, context: RequestContext, audience: Audience) -> bytes | None:
        """Returns where the answer is kept; None when it may not be.

        Whole answers never go from one viewer to another, not even public ones: what a viewer may ask at
        all can differ.
        """
        space = audience.own_space
        if space is None or not is_surely_query(request.query):
            return None
        labels = sorted(context.override_labels)
        headers = varying(context.headers, self._header_names)
        conditions = (request.operation_name, request.variables, request.extensions, headers, labels)
        digest = blake2b(request.query.encode("utf-8", "surrogatepass"), digest_size=20).digest()
        try:
            return space_key(space, key_prefix(RESPONSE_KIND, "", digest, conditions))
        except TypeError:
            return None  # beyond orjson's limits

    async def _find(self, asking: _Asking, key: bytes) -> GraphQLResult | None:
        """Returns the kept answer if all it depends on is as it was."""
        counts = self._cache.counters.of(CLIENT, RESPONSE)
        reading = await self._cache.store.read([Lookup((key,), ())])
        entry = reading.entries[0]
        left_s = entry.fresh_until - self._cache.clock() if entry is not None else 0.0
        kept = _read_kept(entry) if entry is not None and left_s > 0 else None
        if kept is None or not await self._is_valid(kept):
            counts.misses += 1
            self._note(asking, "miss")
            return None
        counts.hits += 1
        self._note(asking, "hit")
        asking.report.add(left_s, Scope.PRIVATE if kept.is_private else Scope.PUBLIC)
        result = GraphQLResult(encoded=kept.data)
        self._tell_client(asking, result)
        if asking.report.wants_details:
            result.extensions = {"cache": {"response": "hit"}}
        return result

    async def _is_valid(self, kept: _Kept) -> bool:
        names = tuple(kept.dependencies)
        reading = await self._cache.store.read([Lookup((), names)])
        return reading.tokens_of(names) == tuple(kept.dependencies.values())

    async def _keep(self, asking: _Asking, key: bytes, result: GraphQLResult, cost_s: float) -> None:
        report, config = asking.report, self._config.responses
        dependencies = report.dependencies
        if dependencies is None or not 0 < len(dependencies) <= NAMES_PER_RESPONSE_MAX:
            return
        if not report.max_age_s:
            return
        if report.scope is Scope.PRIVATE and asking.audience.viewer is None:
            return
        data = result.encoded if result.encoded is not None else encode_json(result.data)
        if result.extensions or len(data) > config.max_bytes:
            return
        is_private = self._is_private(asking)
        body = _encode_kept(_Kept(dependencies, is_private, data))
        policy = Policy(report.max_age_s, report.scope)
        entry = Entry.make(body, policy, self._cache.clock(), cost_s, ())
        taken = await self._cache.store.write([Write(key, (), entry)], Reading([], {}))
        self._cache.counters.of(CLIENT, RESPONSE).stored += taken

    def _tell_client(self, asking: _Asking, result: GraphQLResult) -> None:
        """Adds `Cache-Control` and `Vary` where the answer may be kept by others too."""
        age_s = asking.report.max_age_s
        if not age_s or result.errors:
            return  # the edge says no-store by itself
        value = write_cache_control(age_s, is_private=self._is_private(asking))
        asking.context.scope.response_headers += [(b"cache-control", value.encode()), self._vary]

    @staticmethod
    def _is_private(asking: _Asking) -> bool:
        scope = asking.report.scope
        return scope is Scope.PRIVATE or (scope is Scope.UNSTATED and asking.audience.viewer is not None)

    @staticmethod
    def _note(asking: _Asking, what: str) -> None:
        record = asking.context.scope.record
        if record is not None:
            record.cache = what

    @staticmethod
    def _with_details(asking: _Asking, result: GraphQLResult) -> GraphQLResult:
        """Adds `extensions.cache` for who asked for it and may."""
        report = asking.report
        if not report.wants_details:
            return result
        details: dict[str, Any] = {"fetches": [one.to_map() for one in report.fetches]}
        if asking.key is not None:
            details["response"] = "miss"
        result.extensions = {**result.extensions, "cache": details}
        return result


def _read_kept(entry: Entry) -> _Kept | None:
    try:
        return _decode_kept(entry.body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None  # kept by a release that wrote it otherwise
