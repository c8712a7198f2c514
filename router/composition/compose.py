"""Composition from end to end: subgraph SDL in, supergraph and API schema or diagnostics out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.contract import apply_contract, check_contract
from router.composition.diagnostics import Diagnostic, sort_diagnostics
from router.composition.emit.api import emit_api_schema
from router.composition.emit.supergraph import emit_supergraph
from router.composition.merge.merge import merge_subgraphs
from router.composition.merge.view import view_subgraphs
from router.composition.options import DEFAULT_OPTIONS, CompositionOptions
from router.composition.rules import check_merged, check_sources, check_subgraphs, check_view
from router.composition.satisfiability import check_satisfiability
from router.composition.source import SubgraphSource
from router.composition.subgraph import read_subgraphs
from router.composition.upgrade import upgrade_subgraphs


@dataclass(frozen=True, slots=True)
class Composition:
    """What composition made; the schemas are None when there are errors."""

    supergraph_sdl: str | None
    api_sdl: str | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


def compose_supergraph(
    sources: Sequence[SubgraphSource], options: CompositionOptions = DEFAULT_OPTIONS
) -> Composition:
    """Compose subgraphs into a supergraph. A stage runs when the one before it found no error."""
    found: list[Diagnostic] = [*check_sources(sources)]
    subgraphs, problems = read_subgraphs(sources)
    found += problems
    if _stops(found):
        return _refused(found)
    found += upgrade_subgraphs(subgraphs)
    found += check_subgraphs(subgraphs)
    if _stops(found):
        return _refused(found)
    view = view_subgraphs(subgraphs)
    found += check_view(view)
    if _stops(found):
        return _refused(found)
    schema = merge_subgraphs(view)
    found += check_merged(schema)
    if not _stops(found):
        found += check_satisfiability(schema, options)
    if options.contract is not None and not _stops(found):
        schema = apply_contract(schema, options.contract)
        found += check_contract(schema, options.contract)
    if _stops(found):
        return _refused(found)
    return Composition(emit_supergraph(schema), emit_api_schema(schema), sort_diagnostics(found))


def _stops(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(diagnostic.is_error for diagnostic in diagnostics)


def _refused(diagnostics: Sequence[Diagnostic]) -> Composition:
    return Composition(None, None, sort_diagnostics(diagnostics))
