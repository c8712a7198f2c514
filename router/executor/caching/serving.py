"""One fetch, served from what is kept as far as it goes."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from msgspec import structs

from router.cache.cache import Cache
from router.cache.cache_control import CacheControl, read_cache_control
from router.cache.entry import Entry
from router.cache.fetch_facts import EntitySelection
from router.cache.keys import Audience
from router.cache.policy import Policy, Scope, settle_policy
from router.cache.store import Reading, Write
from router.config import SubgraphCacheConfig
from router.errors import SubgraphError
from router.executor.caching.answer import error_of, put_together
from router.executor.caching.exchange import NULL, Arrived, fetch_items
from router.executor.caching.items import Item
from router.executor.transport.client import RequestScope, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded

CacheResult = Literal["hit", "partial", "miss"]
# No draw of a number below 1 gives a longer time ahead than so many fetches.
DRAWN_MAX = 40.0
# A refresh that is not back after so long may be begun again by somebody else.
CLAIM_S = 10.0


@dataclass(frozen=True, slots=True)
class AnswerHeaders:
    """Headers of the client's request: those answers are told apart by, those subgraphs get to see."""

    telling: tuple[str, ...] = ()
    sent_on: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """What all fetches of one subgraph share."""

    cache: Cache
    name: str
    client: SubgraphClient
    settings: SubgraphCacheConfig
    headers: AnswerHeaders


class Serving:
    """The steps of one fetch: look up, fetch what is missing, keep it, answer."""

    def __init__(
        self,
        subject: Subject,
        request: SubgraphRequest,
        audience: Audience,
        selections: tuple[EntitySelection, ...],
        items: Sequence[Item],
    ) -> None:
        self._subject = subject
        self._cache = subject.cache
        self._request = request
        self._audience = audience
        self._selections = selections
        self._items = items
        self._report = request.scope.cache
        fetch = request.fetch.id if request.fetch is not None else None
        self._details = self._report.begin_fetch(subject.name, fetch) if self._report else None
        self._errors: list[Mapping[str, Any]] = []
        self._failure: SubgraphError | None = None

    async def run(self) -> SubgraphResponse:
        """Returns the answer; raises SubgraphError when there is nothing to answer with."""
        reading = await self._look_up()
        missing = [item for item in self._items if item.entry is None]
        if not missing:
            return self._answer("hit")
        arrived = await self._fetch_missing(missing, reading)
        if self._failure is not None and not any(item.served for item in self._items):
            raise self._failure
        if arrived is not None and len(missing) == len(self._items):
            # The subgraph answered the whole fetch: its answer is the answer.
            whole = structs.replace(arrived.response, cache="miss")
            return whole if self._request.wants_body else decoded(self._subject.name, whole)
        return self._answer("partial" if len(missing) < len(self._items) else "miss")

    def _answer(self, how: CacheResult) -> SubgraphResponse:
        wants_body = self._request.wants_body
        answer = put_together(self._selections, self._items, self._errors, wants_body=wants_body)
        return structs.replace(answer, cache=how)

    async def _look_up(self) -> Reading:
        """Sets what is served; begins to refresh what is stale or about to be."""
        sought = [item for item in self._items if item.spaces]
        if not sought:
            return Reading([], {})
        reading = await self._cache.store.read([item.lookup for item in sought])
        now = self._cache.clock()
        stale: list[Item] = []
        for item, entry in zip(sought, reading.entries, strict=True):
            if entry is not None and self._use(item, entry, now):
                stale.append(item)
            if item.entry is None:
                item.tokens = reading.tokens_of(item.lookup.names)
        if stale:
            self._begin_refresh(stale)
        return reading

    def _use(self, item: Item, entry: Entry, now: float) -> bool:
        """Serves an entry, or keeps it for a failure; says whether it should be refreshed."""
        fresh_until = entry.fresh_until
        declared = item.known.policy.max_age_s
        if declared is not None:
            # The schema may give it a shorter life now than when it was kept.
            fresh_until = min(fresh_until, entry.stored_at + declared)
        if now < fresh_until:
            item.entry = entry
            item.counts.hits += 1
            self._detail(item, "hits")
            self._tell(entry.scope, fresh_until - now, item, entry)
            return self._is_due(entry, fresh_until - now)
        if now < fresh_until + (entry.stale_until - entry.fresh_until):
            item.entry = entry
            item.counts.stale += 1
            self._detail(item, "stale")
            self._tell(entry.scope, 0.0, item, entry)
            return True
        if now < fresh_until + (entry.error_until - entry.fresh_until):
            item.fallback = entry
        return False

    def _is_due(self, entry: Entry, left_s: float) -> bool:
        """Says whether to refresh ahead of time.

        At random, and sooner the longer it takes: so processes do not all refresh at once.
        """
        if left_s > entry.cost_s * DRAWN_MAX:
            return False
        return -entry.cost_s * math.log(1.0 - self._cache.draw()) >= left_s

    async def _fetch_missing(self, missing: list[Item], reading: Reading) -> Arrived | None:
        """Fetches what nobody fetches yet and waits for the rest.

        Returns what arrived when all of it came in one exchange of ours.
        """
        wanted = [(index, item) for index, item in enumerate(missing) if self._is_shareable(item)]
        boarding = self._cache.flights.board(
            (index, (item.lookup.keys[0], item.tokens or ())) for index, item in wanted
        )
        for index, key in boarding.own.items():
            missing[index].flight = key
        own = [item for index, item in enumerate(missing) if index not in boarding.others]
        arrived = await self._fetch(own, reading) if own else None
        if not boarding.others:
            return arrived
        # Waiting by `wait` leaves the futures alone when this request is cancelled.
        await asyncio.wait(boarding.others.values())
        left: list[Item] = []
        for index, landing in boarding.others.items():
            item, entry = missing[index], landing.result()
            if entry is None:
                left.append(item)
                continue
            item.entry = entry
            item.counts.shared += 1
            self._detail(item, "shared")
            self._tell(entry.scope, max(entry.fresh_until - self._cache.clock(), 0.0), item, entry)
        if left:
            await self._fetch(left, reading)
        return None

    def _is_shareable(self, item: Item) -> bool:
        """Whether others may wait for it: only what will be kept, unless its answer says otherwise."""
        declared, settings = item.known.policy, self._subject.settings
        if item.tokens is None or self._audience.space_of(declared.scope) not in item.spaces[:1]:
            return False
        return not declared.has_gap or settings.default_max_age_s > 0

    async def _fetch(self, items: Sequence[Item], reading: Reading) -> Arrived | None:
        """Fetches items, keeps them and lands their flights; None when it failed or fell back."""
        started = time.monotonic()
        for item in items:
            item.counts.misses += 1
            self._detail(item, "misses")
        try:
            # The tokens tell what was invalidated before: no exchange from before that may answer.
            request = structs.replace(self._request, since=tuple([item.tokens for item in items]))
            subject = self._subject
            arrived = await fetch_items(subject.client, subject.name, request, self._selections, items)
            self._errors += arrived.errors
            if arrived.response.http_status >= 500 and self._fall_back(items):
                return None
            await self._keep(items, arrived, reading, time.monotonic() - started)
            return arrived
        except SubgraphError as failure:
            self._failure = failure
            if not self._fall_back(items):
                self._errors.append(error_of(failure))
            return None
        finally:
            for item in items:
                if item.flight is not None:
                    self._cache.flights.land(item.flight, None)

    def _fall_back(self, items: Sequence[Item]) -> bool:
        """Serves what is past its age where the subgraph failed; says whether that was all."""
        is_whole = True
        for item in items:
            if item.fallback is None:
                is_whole = False
                self._forbid()
                continue
            item.entry = item.fallback
            item.counts.stale += 1
            self._tell(item.entry.scope, 0.0, item, item.entry)
        return is_whole

    async def _keep(self, items: Sequence[Item], arrived: Arrived, reading: Reading, cost_s: float) -> None:
        header = read_cache_control(arrived.response.headers)
        is_whole = 200 <= arrived.response.http_status < 300
        now = self._cache.clock()
        writes: list[Write] = []
        settled: dict[int, Policy] = {}
        for item in items:
            # Items of one type share what is known of them, and so the policy.
            policy = settled.get(id(item.known))
            if policy is None:
                policy = settled[id(item.known)] = self._settle(item, header)
            entry = self._entry(item, policy, now, cost_s) if is_whole else None
            self._tell(policy.scope, policy.max_age_s, item, entry)
            if entry is not None and item.tokens:
                space = self._audience.space_of(policy.scope)
                assert space is not None, "what has no space makes no entry"
                writes.append(Write(item.key_in(space), item.lookup.names, entry))
            if item.flight is not None:
                self._cache.flights.land(item.flight, entry)
        taken = await self._cache.store.write(writes, reading) if writes else 0
        self._count_kept(items, writes, taken)

    def _settle(self, item: Item, header: CacheControl | None) -> Policy:
        policy = settle_policy(
            item.known.policy, header, self._subject.settings, self._cache.config.max_age_s_max
        )
        return policy if header is None else self._vary(policy, header.varies)

    def _vary(self, policy: Policy, varies: Sequence[str]) -> Policy:
        """Counts in `Vary`: an answer must not be given to who sent another value of such a header.

        Headers that are never sent on are the same every time, whatever the subgraph says of them.
        """
        headers = self._subject.headers
        untold = {name for name in varies if name in headers.sent_on}.difference(headers.telling)
        if untold <= set(self._cache.config.identity_headers) and "*" not in varies:
            return replace(policy, scope=max(policy.scope, Scope.UNSTATED)) if untold else policy
        return replace(policy, max_age_s=0.0)

    def _entry(self, item: Item, policy: Policy, now: float, cost_s: float) -> Entry | None:
        """Returns the entry of a fetched item; None when it may not be kept."""
        body = item.body
        if body is None or body == NULL or item.is_faulty or not item.tokens:
            return None
        lasts = policy.max_age_s + max(policy.stale_while_revalidate_s, policy.stale_if_error_s)
        if policy.max_age_s <= 0 or lasts <= 0 or len(body) > self._cache.config.entity_bytes_max:
            return None
        if self._audience.space_of(policy.scope) not in item.spaces:
            return None
        return Entry.make(body, policy, now, cost_s, item.tokens)

    def _begin_refresh(self, stale: list[Item]) -> None:
        """Fetches stale items anew in the background, apart from the client's request and its deadline."""
        asked = self._request.scope
        scope = RequestScope(asked.request_id, viewer=asked.viewer, caller=asked.caller)
        request = structs.replace(self._request, scope=scope, body=None)
        copies = [structs.replace(item, entry=None, fallback=None, flight=None) for item in stale]
        serving = Serving(self._subject, request, self._audience, self._selections, copies)
        self._cache.refreshes.begin(serving.refresh)

    async def refresh(self) -> None:
        """Fetches and keeps the items that nobody refreshes yet."""
        keys = [item.lookup.keys[0] for item in self._items]
        claims = await self._cache.store.claim(keys, CLAIM_S)
        items = [item for item, claimed in zip(self._items, claims, strict=True) if claimed]
        if not items:
            return
        reading = await self._cache.store.read([item.lookup for item in items])
        for item in items:
            item.tokens = reading.tokens_of(item.lookup.names)
            item.counts.refreshed += 1
        await self._fetch(items, reading)

    def _detail(self, item: Item, what: str) -> None:
        if self._details is not None:
            self._details.count(item.type_name, what)

    @staticmethod
    def _count_kept(items: Sequence[Item], writes: Sequence[Write], taken: int) -> None:
        kept = {id(write.entry.body) for write in writes} if taken else set()
        for item in items:
            if id(item.body) in kept:
                item.counts.stored += 1
            else:
                item.counts.refused += 1

    def _tell(self, scope: Scope, age_s: float, item: Item, entry: Entry | None) -> None:
        report = self._report
        if report is None:
            return
        report.add(age_s, scope)
        if report.wants_dependencies:
            report.depend(item.lookup.names, entry.tokens if entry is not None else None)

    def _forbid(self) -> None:
        if self._report is not None:
            self._report.forbid()
