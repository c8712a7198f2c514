"""Diagnostics are printed for people and for tools, in a stable order."""

from __future__ import annotations

import json

from router.composition.codes import ERRORS
from router.composition.compose import compose_supergraph
from router.composition.diagnostics import render_json, render_text
from router.composition.source import SubgraphSource

SHOP = SubgraphSource("shop", "type Query {\n\tproduct: Product\n}\n", file="shop.graphql")
STOCK = SubgraphSource("stock", "type Query { stock: Stock }")


def test_the_caret_stands_under_its_character_after_a_tab() -> None:
    diagnostics = compose_supergraph([SHOP]).diagnostics
    assert render_text(diagnostics).splitlines()[:4] == [
        "error[INVALID_GRAPHQL]: Unknown type 'Product'.",
        "  --> shop.graphql:2:11 (subgraph shop)",
        "   2 | \tproduct: Product",
        "     | \t         ^",
    ]


def test_json_has_the_places_and_the_advice() -> None:
    diagnostics = compose_supergraph([SHOP]).diagnostics
    assert json.loads(json.dumps(render_json(diagnostics))) == [
        {
            "code": "INVALID_GRAPHQL",
            "severity": "error",
            "level": "ERROR",
            "message": "Unknown type 'Product'.",
            "locations": [
                {
                    "subgraph": "shop",
                    "file": "shop.graphql",
                    "line": 2,
                    "column": 11,
                    "source": "\tproduct: Product",
                    "python": None,
                }
            ],
            "advice": ERRORS["INVALID_GRAPHQL"],
        }
    ]


def test_all_subgraphs_are_reported_in_one_run_in_order() -> None:
    for sources in ([SHOP, STOCK], [STOCK, SHOP]):
        diagnostics = compose_supergraph(sources).diagnostics
        assert [d.locations[0].subgraph for d in diagnostics] == ["shop", "stock"]


def test_colour_is_only_used_when_asked_for() -> None:
    diagnostics = compose_supergraph([SHOP]).diagnostics
    assert "\x1b[" not in render_text(diagnostics)
    assert "\x1b[31mINVALID_GRAPHQL\x1b[0m" in render_text(diagnostics, colour=True)


def test_a_refused_composition_has_no_schemas() -> None:
    composition = compose_supergraph([SHOP])
    assert not composition.ok
    assert (composition.supergraph_sdl, composition.api_sdl) == (None, None)
