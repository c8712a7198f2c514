"""Composition stays within its limits, and says so with a code when it cannot."""

from __future__ import annotations

import pytest

from router.composition.compose import compose_supergraph
from router.composition.options import CompositionOptions
from router.composition.source import SubgraphSource

CHAIN = """
type Query { first: First }
type First { next: Second }
type Second { next: Third }
type Third { size: Int }
"""


def test_too_many_states_are_refused_with_a_code() -> None:
    options = CompositionOptions(satisfiability_states_max=2)
    composition = compose_supergraph([SubgraphSource("chain", CHAIN)], options)
    assert [d.code for d in composition.diagnostics if d.is_error] == [
        "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    ]
    assert composition.supergraph_sdl is None


def test_the_limit_itself_is_allowed() -> None:
    options = CompositionOptions(satisfiability_states_max=4)
    assert compose_supergraph([SubgraphSource("chain", CHAIN)], options).ok


@pytest.mark.parametrize("opening", ["{", "[", "("])
def test_deep_nesting_is_refused_and_never_raised(opening: str) -> None:
    sdl = f"type Query {{ size(list: Int = {opening * 50_000}): Int }}"
    composition = compose_supergraph([SubgraphSource("deep", sdl)])
    assert [d.code for d in composition.diagnostics] == ["INVALID_GRAPHQL"]


def test_a_deeply_nested_field_set_is_refused_and_never_raised() -> None:
    text = "self { " * 5_000 + "id" + " }" * 5_000
    sdl = f"""
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query {{ node: Node }}
    type Node @key(fields: "{text}") {{ id: ID! self: Node }}
    """
    composition = compose_supergraph([SubgraphSource("deep", sdl)])
    assert [d.code for d in composition.diagnostics] == ["KEY_INVALID_FIELDS"]
