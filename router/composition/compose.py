"""Composition from end to end: subgraph SDL in, supergraph and API schema or diagnostics out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.contract import apply_contract, check_contract
from router.composition.diagnostics import Diagnostic, sort_diagnostics
from router.composition.emit.api import emit_api_schema
from router.composition.emit.supergraph import emit_supergraph
from router.composition.merge.merge import merge_subgraphs
from router.composition.merge.model import MergedSchema
from router.composition.merge.view import view_subgraphs
from router.composition.options import DEFAULT_OPTIONS, CompositionOptions
from router.composition.origins import add_origins
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
    schema, found = _make_schema(sources, options)
    diagnostics = sort_diagnostics(add_origins(found, sources))
    if schema is None or _stops(diagnostics):
        return Composition(None, None, diagnostics)
    options.progress("writing the supergraph", 0, 1)
    return Composition(emit_supergraph(schema), emit_api_schema(schema), diagnostics)


def _make_schema(
    sources: Sequence[SubgraphSource], options: CompositionOptions
) -> tuple[MergedSchema | None, list[Diagnostic]]:
    found: list[Diagnostic] = [*check_sources(sources)]
    subgraphs, problems = read_subgraphs(sources, options.progress)
    found += problems
    if _stops(found):
        return None, found
    found += upgrade_subgraphs(subgraphs)
    found += check_subgraphs(subgraphs, options.progress)
    if _stops(found):
        return None, found
    options.progress("comparing subgraphs", 0, 1)
    view = view_subgraphs(subgraphs)
    found += check_view(view)
    if _stops(found):
        return None, found
    options.progress("merging", 0, 1)
    schema = merge_subgraphs(view)
    found += check_merged(schema)
    if not _stops(found):
        found += check_satisfiability(schema, options)
    if options.contract is not None and not _stops(found):
        schema = apply_contract(schema, options.contract)
        found += check_contract(schema, options.contract)
    return schema, found


def _stops(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(diagnostic.is_error for diagnostic in diagnostics)
