"""Counts a request for every rule that holds for it, in one exchange, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from router.config import RateLimitsConfig
from router.errors import ClientError
from router.pipeline.rate_limits.rules import CompiledRule
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.windows import Hit, Standing, Windows, WindowsUnavailableError
from router.response.codes import ErrorCode
from router.telemetry.catalogue import RATE_LIMITED, Reading

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal` is None for a request that may go on; `headers` tell the client where it stands."""

    headers: Headers = ()
    refusal: ClientError | None = None


_UNLIMITED = Verdict()
_RETRY_LATER = (b"retry-after", b"1")


class RateLimiter:
    """The rules of the settings over a store of counters."""

    def __init__(self, config: RateLimitsConfig, windows: Windows) -> None:
        self._rules = tuple(CompiledRule(rule, config) for rule in config.rules)
        self._windows = windows
        self._tells = config.headers
        self._refused = dict.fromkeys((rule.name for rule in self._rules), 0)

    async def check(self, request: GraphQLRequest, context: RequestContext) -> Verdict:
        """Counts the request, unless it is refused."""
        held: list[CompiledRule] = []
        hits: list[Hit] = []
        for rule in self._rules:
            hit = rule.hit(request, context)
            if hit is not None:
                held.append(rule)
                hits.append(hit)
        if not hits:
            return _UNLIMITED
        try:
            taken = await self._windows.take(hits)
        except WindowsUnavailableError:
            refusal = ClientError("Limits cannot be counted now: try again", ErrorCode.OVERLOADED.name)
            return Verdict((_RETRY_LATER,), refusal)
        headers = self._headers(held, hits, taken.standings, is_taken=taken.is_taken) if self._tells else ()
        if taken.is_taken:
            return Verdict(headers)
        return self._refuse(held, hits, taken.standings, headers)

    def _refuse(
        self,
        rules: Sequence[CompiledRule],
        hits: Sequence[Hit],
        standings: Sequence[Standing],
        headers: Headers,
    ) -> Verdict:
        wait_ms = 0
        for rule, hit, standing in zip(rules, hits, standings, strict=True):
            if not standing.fits(hit):
                self._refused[rule.name] += 1
                wait_ms = max(wait_ms, standing.wait_ms(hit))
        seconds = max(1, ceil(wait_ms / 1000))
        refusal = ClientError(
            f"Too many requests: try again in {seconds} s",
            ErrorCode.RATE_LIMITED.name,
            extensions={"retryAfterSeconds": seconds},
        )
        return Verdict((*headers, (b"retry-after", b"%d" % seconds)), refusal)

    @staticmethod
    def _headers(
        rules: Sequence[CompiledRule], hits: Sequence[Hit], standings: Sequence[Standing], *, is_taken: bool
    ) -> Headers:
        """Returns the two headers (draft-ietf-httpapi-ratelimit-headers-10), an entry for each rule."""
        policies: list[bytes] = []
        limits: list[bytes] = []
        for rule, hit, standing in zip(rules, hits, standings, strict=True):
            used = standing.used(hit.window_ms) + (hit.cost if is_taken else 0)
            left = max(0, int(hit.limit - used))
            resets_s = ceil((hit.window_ms - standing.into_ms) / 1000)
            name = rule.name.encode()
            policies.append(b'"%b";q=%d;w=%d' % (name, hit.limit, rule.window_s))
            limits.append(b'"%b";r=%d;t=%d' % (name, left, resets_s))
        return ((b"ratelimit-policy", b", ".join(policies)), (b"ratelimit", b", ".join(limits)))

    def readings(self) -> Iterable[Reading]:
        """Returns how many each rule refused, for metrics."""
        for name, count in self._refused.items():
            yield Reading(RATE_LIMITED, count, (name,))
        yield from self._windows.readings()
