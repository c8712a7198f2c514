"""Small documents that are dear to look at: refused with their code, while others are answered as ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from router.errors import ClientError
from router.pipeline.variables import VariableCoercer
from tests.attack.documents import BOMBS
from tests.telemetry.serving import ServedShop

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPT = "application/graphql-response+json"
ORDINARY = {"query": "{ me { name } }"}
ANSWER = {"data": {"me": {"name": "Amel"}}}
# What an attack may cost at most, on a machine that does ten things at once. Unbounded ones take minutes.
BOUND_S = 60


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_while_others_are_answered(shop: ServedShop, name: str) -> None:
    bomb = BOMBS[name]
    async with asyncio.timeout(BOUND_S):
        attack = asyncio.create_task(shop.post({"query": bomb.text}, accept=ACCEPT))
        assert (await shop.post(ORDINARY)).json == ANSWER
        refused = await attack
    assert refused.status == 400
    assert set(refused.codes) == {bomb.code}
    assert "data" not in refused.json
    if bomb.limit is not None:
        assert refused.json["errors"][0]["extensions"]["limit"] == bomb.limit
    assert len(refused.body) < 1_200_000
    assert (await shop.post(ORDINARY)).json == ANSWER


async def test_bombs_all_at_once_leave_the_router_alive(shop: ServedShop) -> None:
    async with asyncio.timeout(2 * BOUND_S):
        attacks = [shop.post({"query": bomb.text}, accept=ACCEPT) for bomb in BOMBS.values()]
        answers = await asyncio.gather(*attacks, *(shop.post(ORDINARY) for _ in range(20)))
    assert {one.status for one in answers[: len(BOMBS)]} == {400}
    assert all(one.json == ANSWER for one in answers[len(BOMBS) :])


@pytest.mark.parametrize(
    "value",
    [["1"] * 5_000, [["1"] * 5_000], {"a": [{"b": ["1"] * 5_000}]}],
    ids=["a list", "a list in a list", "a list in objects"],
)
async def test_long_lists_in_variables_are_refused(value: Any) -> None:
    schema = build_schema("scalar Any type Query { a(of: Any): Int }")
    operation = parse("query ($v: Any) { a(of: $v) }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    variables = VariableCoercer(schema, operation.variable_definitions or (), 2_000)
    with pytest.raises(ClientError) as refused:
        variables.coerce({"v": value})
    assert (refused.value.code, refused.value.extensions) == (
        "DOCUMENT_LIMIT_EXCEEDED",
        {"limit": "max_list_items"},
    )


NESTED = b'{"query": "{ me { id } }", "variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001
NAMED = b'{"query": "{ me { id } }", "operationName": "' + b"x" * 1_000_000 + b'"}'
HASHED = b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "' + b"f" * 9_999 + b'"}}}'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (NESTED, 400, "BAD_REQUEST"),
        (b'{"query": "{ me { id } }"' + b', "query": "{ me { name } }"' * 50_000 + b"}", 200, None),
        (b"[" + b'{"query": "{ me { id } }"},' * 5 + b'{"query": "{ me { id } }"}]', 400, "BAD_REQUEST"),
        (b"\x00" * 100_000, 400, "BAD_REQUEST"),
        (NAMED, 400, "OPERATION_NOT_FOUND"),
        (b'{"documentId": "' + b"x" * 1_000_000 + b'"}', 400, "BAD_REQUEST"),
        (HASHED, 400, "BAD_REQUEST"),
    ],
    ids=["nested variables", "repeated keys", "a batch", "no JSON", "a name", "an id", "a hash"],
)
async def test_oversized_bodies_are_refused(
    shop: ServedShop, body: bytes, status: int, code: str | None
) -> None:
    async with asyncio.timeout(BOUND_S):
        answer = await shop.post(body, accept=ACCEPT)
    assert answer.status == status
    assert answer.codes == ([code] if code else [])
    assert (await shop.post(ORDINARY)).json == ANSWER
