"""The planner's README shows what the stages really print; `pytest --accept` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import get_operation_ast, parse

from router.graph import Graph
from router.operation import normalize_operation
from router.planner.stages import print_stages
from router.supergraph import load_supergraph
from tests.support.run_router import compose

README = Path(__file__).parents[2] / "router" / "planner" / "README.md"
BLOCK = re.compile(r"^```(\w+) ([\w ]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STAGES = ["normalised operation", "walk", "choose", "fetches", "passes", "build"]


def test_every_stage_is_shown_as_it_prints(accept: bool) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = {name: body for _, name, body in BLOCK.findall(text)}
    subgraphs = {name: blocks[name] for name in ("products", "inventory", "reviews")}
    supergraph = load_supergraph(compose(subgraphs).supergraph_sdl or "")
    document = parse(blocks["operation"])
    node = get_operation_ast(document)
    assert node is not None
    operation = normalize_operation(supergraph, document, node, {})
    printed = dict(print_stages(Graph(supergraph), operation))
    assert list(printed) == STAGES
    if accept:
        README.write_text(
            BLOCK.sub(lambda m: f"```{m[1]} {m[2]}\n{printed[m[2]]}\n```" if m[2] in printed else m[0], text),
            encoding="utf-8",
        )
        return
    for stage in STAGES:
        assert blocks[stage] == printed[stage] + "\n", f"{README}: run pytest --accept and read the diff"
