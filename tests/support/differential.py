"""One drawn operation through the router and through the monolith, and what differs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.config import LimitsConfig
from tests.support.local_subgraphs import LocalFederation, local_federation
from tests.support.monolith import Monolith, differences
from tests.support.random_supergraph import RandomSupergraph
from tests.support.run_router import Answer, Request, RouterUnderTest, compose

# Drawn fragments spread in each other multiply their aliases past what a client would send.
DRAWN_LIMITS = LimitsConfig(max_aliases=100_000)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with one answer; no faults means the router and the monolith agree."""

    faults: tuple[str, ...]
    answer: Answer | None = None


class Differential:
    """A router and a monolith over the same data; each has a store, so that mutations do not mix."""

    def __init__(self, drawn: RandomSupergraph) -> None:
        composition = compose(drawn.subgraphs)
        assert composition.supergraph_sdl is not None and composition.api_sdl is not None
        self.drawn = drawn
        self.federation = federation_of(drawn.subgraphs, drawn.records)
        self.monolith = Monolith(composition.api_sdl, federation_of(drawn.subgraphs, drawn.records).store)
        self.router = RouterUnderTest(
            composition.supergraph_sdl, self.federation.subgraph_clients(), self.federation.log, DRAWN_LIMITS
        )

    async def compare(self, request: Request) -> Verdict:
        """Runs one operation both ways."""
        expected = self.monolith.execute(request.query, request.variables)
        try:
            answer = await self.router.execute(request)
        except Exception as error:  # noqa: BLE001 - a router that raises is a finding like any other
            return Verdict((f"the router raised {type(error).__name__}: {error}",))
        faults = differences(expected, answer.data, answer.errors)
        faults += [f"complaint: {each}" for each in answer.complaints]
        faults += [f"unsound plan: {each}" for each in self.router.plan_problems(request)]
        journals = self.monolith.store.journal, self.federation.store.journal
        if journals[0] != journals[1]:
            faults.append(f"mutations ran as {journals[1]}, not as {journals[0]}")
        for journal in journals:
            journal.clear()
        return Verdict(tuple(faults), answer)


def federation_of(subgraphs: Mapping[str, str], records: Mapping[str, Mapping[str, Any]]) -> LocalFederation:
    """Makes subgraphs over a copy of the records."""
    return local_federation(subgraphs, copy.deepcopy(dict(records)))
