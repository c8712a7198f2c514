"""What the router makes of a case, section by section, and the checks every executed case passes.

A case with `response` is executed over in-process subgraphs on the data of the case; its answer must be
the monolith's too, and no subgraph may complain. A room adds sections of its own by `CaseRun.produce`'s
`more`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from router.composition.compose import Composition
from router.composition.contract import Contract
from router.composition.diagnostics import render_text
from tests.support.cases import Case, check_case
from tests.support.incremental import (
    assemble_current,
    assemble_previous,
    differences_of_parts,
    without_defer,
)
from tests.support.local_subgraphs import LocalFederation, local_federation
from tests.support.monolith import Monolith, OracleAnswer, differences
from tests.support.run_router import Answer, PartsAnswer, Request, RouterUnderTest, compose, composition_of

Section = Callable[["CaseRun"], str]


class CaseRun:
    """One case on its way through the router; each stage runs once, when a section asks for it."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @cached_property
    def composition(self) -> Composition:
        """The composition of the case's subgraphs, refused or not."""
        return composition_of(self.case.subgraphs, contract_of(self.case))

    @cached_property
    def federation(self) -> LocalFederation:
        """The executable subgraphs."""
        return local_federation(self.case.subgraphs, self.case.json("data"))

    @cached_property
    def router(self) -> RouterUnderTest:
        """A router over the composed subgraphs."""
        supergraph_sdl = compose(self.case.subgraphs, contract_of(self.case)).supergraph_sdl
        assert supergraph_sdl is not None
        return RouterUnderTest(supergraph_sdl, self.federation.subgraph_clients(), self.federation.log)

    @cached_property
    def request(self) -> Request:
        """The operation of the case."""
        return Request(self.case.sections["operation"], self.case.json("variables"))

    @cached_property
    def answer(self) -> Answer:
        """The response, with what the subgraphs saw."""
        return self.router.run(self.request)

    @cached_property
    def parts(self) -> PartsAnswer:
        """The same for a client that takes an answer in parts."""
        return asyncio.run(self.router.execute_in_parts(self.request))

    def produce(self, name: str, more: Mapping[str, Section]) -> str:
        """Returns the text of one expected section."""
        section = {**SECTIONS, **more}.get(name)
        assert section is not None, f"{self.case.path}: no room produces a section {name!r}"
        return section(self)

    def verify(self) -> None:
        """Asserts what holds for every executed case, whatever the file says."""
        if "operation" not in self.case.sections:
            return
        problems = self.router.plan_problems(self.request)
        assert not problems, "the plan is not sound\n" + "\n".join(problems)
        if self.request.query.lstrip().startswith("subscription"):
            return  # it answers by events: tests/subscriptions run those
        assert not self.answer.complaints, "\n".join(self.answer.complaints)
        twin = local_federation(self.case.subgraphs, self.case.json("data"))
        monolith = Monolith(self.composition.api_sdl or "", twin.store)
        expected = monolith.execute(without_defer(self.request.query), self.request.variables)
        found = differences(expected, self.answer.data, self.answer.errors)
        if self.case.opted_out("monolith"):
            assert found, f"{self.case.path}: the monolith agrees; remove the opt-out"
            return
        assert not found, "the monolith answers otherwise\n" + "\n".join(found)
        if "@defer" in self.request.query:
            self.verify_parts(expected)

    def verify_parts(self, expected: OracleAnswer) -> None:
        """Asserts that the parts of both formats make the same answer."""
        assert not self.parts.complaints, "\n".join(self.parts.complaints)
        for found in (assemble_previous(self.parts.previous), assemble_current(self.parts.current)):
            assert differences_of_parts(expected, found) == []


def contract_of(case: Case) -> Contract | None:
    """The contract the case composes under, if it names one."""
    text = case.sections.get("contract")
    if text is None:
        return None
    tags: dict[str, frozenset[str]] = {}
    lines = text.splitlines()
    for line in lines:
        kind, _, names = line.partition(":")
        assert kind in {"include", "exclude", "keep unreachable types"}, f"{case.path}: {line!r}"
        tags[kind] = frozenset(name.strip() for name in names.split(",") if name.strip())
    empty = frozenset[str]()
    keeps = "keep unreachable types" in lines
    return Contract(tags.get("include", empty), tags.get("exclude", empty), not keeps)


def _print_bodies(bodies: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(json.dumps(body, ensure_ascii=False) for body in bodies)


SECTIONS: Mapping[str, Section] = {
    "diagnostics": lambda run: render_text(run.composition.diagnostics),
    "supergraph": lambda run: run.composition.supergraph_sdl or "",
    "api": lambda run: run.composition.api_sdl or "",
    "plan": lambda run: run.router.plan_text(run.request),
    "response": lambda run: json.dumps(run.answer.body, ensure_ascii=False, indent=2),
    "parts": lambda run: _print_bodies(run.parts.current),
    "previous": lambda run: _print_bodies(run.parts.previous),
    "fetches": lambda run: "\n\n".join(fetch.text() for fetch in run.answer.fetches),
}


def check_stages(case: Case, *, accept: bool, more: Mapping[str, Section] | None = None) -> None:
    """Checks a case: its expected sections, then the checks that hold for every executed case."""
    run = CaseRun(case)
    check_case(case, lambda _, name: run.produce(name, more or {}), accept=accept)
    run.verify()
