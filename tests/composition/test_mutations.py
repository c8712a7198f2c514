"""Documents changed at random never make composition raise: it composes them or says why not.

The documents are the cases of the codes; each mutation drops, doubles, swaps or replaces tokens. The seed is
the run's, so a failure can be had again.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from graphql import build_schema, validate_schema

from router.composition.codes import ERRORS, HINTS
from router.composition.compose import Composition, compose_supergraph
from router.composition.diagnostics import render_json, render_text
from router.composition.source import SubgraphSource
from tests.support.cases import case_files, read_case

FOLDER = Path(__file__).parent / "cases"
ROUNDS = 300
TOKEN = re.compile(r'"[^"\n]*"|[@$]?\w+|\s+|.', re.DOTALL)
WORDS = ("type", "interface", "union", "enum", "input", "scalar", "extend", "schema", "implements", "Query")
WORDS += ("Mutation", "ID", "Int", "id", "name", "!", "[", "]", "{", "}", "(", ")", ":", "=", "&", "|")
WORDS += ("@key", "@external", "@requires", "@provides", "@shareable", "@override", "@interfaceObject")


def test_mutated_documents_are_composed_or_refused_with_codes(seed: int) -> None:
    chance = random.Random(seed)
    documents = [read_case(path).subgraphs for path in case_files(FOLDER)]
    for _ in range(ROUNDS):
        subgraphs = {name: mutated(chance, sdl) for name, sdl in chance.choice(documents).items()}
        composition = compose_supergraph([SubgraphSource(name, sdl) for name, sdl in subgraphs.items()])
        check(composition, subgraphs)


def check(composition: Composition, subgraphs: dict[str, str]) -> None:
    assert {diagnostic.code for diagnostic in composition.diagnostics} <= {*ERRORS, *HINTS}, subgraphs
    assert render_text(composition.diagnostics, colour=True) is not None
    assert len(render_json(composition.diagnostics)) == len(composition.diagnostics)
    assert composition.ok == (composition.supergraph_sdl is not None), subgraphs
    if composition.supergraph_sdl is not None and composition.api_sdl is not None:
        build_schema(composition.supergraph_sdl)
        assert validate_schema(build_schema(composition.api_sdl)) == [], subgraphs


def mutated(chance: random.Random, sdl: str) -> str:
    tokens = TOKEN.findall(sdl)
    for _ in range(chance.randint(0, 3)):
        place = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                del tokens[place]
            case 1:
                tokens.insert(place, tokens[place])
            case 2:
                tokens[place] = chance.choice(WORDS)
            case _:
                other = chance.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)
