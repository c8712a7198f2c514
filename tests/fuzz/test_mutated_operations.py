"""Operations with their tokens shuffled, doubled, lost or exchanged: answered, or refused with a code.

ZELLIGE_SEED draws another run, ZELLIGE_FUZZ_MUTATED makes it longer or shorter.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import Lexer, Source, TokenKind, build_schema

from router.response.codes import ErrorCode
from tests.support.differential import federation_of
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import random_supergraph
from tests.support.run_router import Request, RouterUnderTest, compose

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "300"))
OPERATIONS = int(os.environ.get("ZELLIGE_FUZZ_MUTATED", "400"))
OPERATIONS_PER_SUPERGRAPH = 50
SEEDS = range(FIRST_SEED, FIRST_SEED + -(-OPERATIONS // OPERATIONS_PER_SUPERGRAPH))
STRANGERS = (
    *("{", "}", "(", ")", "[", "]", "!", ":", "=", "...", "@", "$", "&", "|"),
    *("query", "mutation", "subscription", "fragment", "on", "null", "true", "__typename", "__schema"),
    *(
        "@skip(if: true)",
        "@include",
        "@defer",
        "$v0",
        "-1",
        "9" * 40,
        "1e999",
        '"',
        '"""',
        '"\\u0000"',
        "\ufeff",
    ),
)
VALUES = (None, True, -1, 2**70, 1.5, "", "é\u0000", [], [None], {}, {"a": {"b": [1]}})
CODES = {code.name for code in ErrorCode} - {"INTERNAL_SERVER_ERROR"}


def tokens_of(text: str) -> list[str]:
    """Returns the document's tokens as they are written."""
    lexer, found = Lexer(Source(text)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        found.append(text[token.start : token.end])
    return found


def mutate(tokens: list[str], rng: random.Random) -> str:
    """Returns the document with one to four changes; few, so that many get past the parser."""
    changed = list(tokens)
    for _ in range(rng.randint(1, 4)):
        place, other = rng.randrange(len(changed)), rng.randrange(len(changed))
        change = rng.choice(("lose", "double", "exchange", "replace", "insert"))
        if change == "lose" and len(changed) > 1:
            del changed[place]
        elif change == "double":
            changed.insert(place, changed[place])
        elif change == "exchange":
            changed[place], changed[other] = changed[other], changed[place]
        elif change == "replace":
            changed[place] = changed[other]
        else:
            changed.insert(place, rng.choice(STRANGERS))
    return " ".join(changed)


def mutated_variables(variables: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    """Returns the variables, some lost, some with another value."""
    changed = {name: value for name, value in variables.items() if rng.random() < 0.9}
    return {name: rng.choice(VALUES) if rng.random() < 0.15 else value for name, value in changed.items()}


@pytest.mark.parametrize("seed", SEEDS)
async def test_mutated_operations_are_answered_or_refused_with_a_code(seed: int) -> None:
    drawn = random_supergraph(seed)
    composition = compose(drawn.subgraphs)
    assert composition.supergraph_sdl is not None and composition.api_sdl is not None
    federation = federation_of(drawn.subgraphs, drawn.records)
    router = RouterUnderTest(composition.supergraph_sdl, federation.subgraph_clients(), federation.log)
    schema, rng = build_schema(composition.api_sdl), random.Random(seed)
    for _ in range(OPERATIONS_PER_SUPERGRAPH):
        operation = random_operation(schema, rng)
        request = Request(
            mutate(tokens_of(operation.query), rng), mutated_variables(operation.variables, rng)
        )
        answer = await router.execute(request)
        told = f"ZELLIGE_SEED={seed}\n{request.query}\n{dict(request.variables)}\n{answer.body}"
        json.dumps(answer.body)
        assert answer.errors or isinstance(answer.data, dict), told
        for error in answer.errors:
            assert error["extensions"]["code"] in CODES, told
            assert "Traceback" not in error["message"], told
        assert [each for each in answer.complaints if "invalid operation" in each] == [], told
