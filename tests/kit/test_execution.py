"""The kit's ways of executing: compiled, step by step when it is told so, and within a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.kit.shelf import build_tables, create_app
from tests.support.subgraph import running_subgraph

SHELVE = """
mutation($i: BookShelveInput!) {
  bookShelve(input: $i) {
    book { title pages price { amountMinor formatted(locale: FR) } twin { title } }
    userErrors { code message field }
  }
}
"""
READS = (
    "{ whoami books(first: 5) { edges { node { title pages price { formatted } twin { title } } } } }",
    "{ broken whoami }",
    "{ backroom }",
    '{ echo(text: "ho") kind: __typename }',
    "query($r: [_Any!]!) { _entities(representations: $r) { ... on Book { title twin { title } } } }",
    "{ _service { sdl } }",
)


async def _answers(*, compiled: bool) -> tuple[list[Any], dict[str, Any]]:
    async with running_subgraph(
        "shelf", create_app, build=build_tables, settings={"compiled_execution": compiled}
    ) as shelf:
        staff = shelf.user(UUID(int=7), permissions=["books:write"])
        answers = [await shelf.execute(SHELVE, {"i": {"title": "Nedjma", "pages": 256}}, staff)]
        listed = await shelf.data("{ books(first: 1) { edges { node { id } } } }", caller=staff)
        known = listed["books"]["edges"][0]["node"]["id"]
        asked = [{"__typename": "Book", "id": known}, {"__typename": "Book", "id": "none"}]
        answers += [await shelf.execute(text, {"r": asked} if "$r" in text else {}, staff) for text in READS]
        return [_without_ids(answer) for answer in answers], shelf.app.execution_figures()


def _without_ids(answer: Any) -> Any:
    """Leaves out what no two runs have in common."""
    if isinstance(answer, dict):
        return {key: _without_ids(value) for key, value in answer.items() if key != "requestId"}
    return [_without_ids(each) for each in answer] if isinstance(answer, list) else answer


async def test_compiled_and_step_by_step_a_subgraph_answers_the_same() -> None:
    compiled, figures = await _answers(compiled=True)
    ordinary, ordinary_figures = await _answers(compiled=False)
    assert compiled == ordinary
    assert figures["fallbacks"] == {}
    assert ordinary_figures["fallbacks"] == {"whole operations": "compiled_execution is switched off"}


async def test_an_operation_that_takes_too_long_is_told_so() -> None:
    async with running_subgraph(
        "shelf", create_app, build=build_tables, settings={"operation_timeout_s": 0.0}
    ) as shelf:
        answer = await shelf.execute("{ books(first: 5) { edges { node { title } } } }", {}, shelf.user())
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DEADLINE_EXCEEDED"]
    assert "data" not in answer


@pytest.mark.parametrize("text", ["{ whoami }", "query A { whoami }"])
async def test_an_operation_is_compiled_once(text: str) -> None:
    async with running_subgraph("shelf", create_app, build=build_tables) as shelf:
        for _ in range(3):
            await shelf.data(text, caller=shelf.user())
        assert shelf.app.execution_figures()["compiled"] == 1
