"""What the edge makes of well-formed and malformed requests."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from router.config import BatchingConfig, LimitsConfig, ServerConfig
from tests.server.serving import Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = {"query": '{ tile(id: "t1") { name } }'}
NEW = "application/graphql-response+json"


async def test_post_answers_data_with_the_default_media_type(served: Served) -> None:
    answer = await served.post(QUERY)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json == {"data": {"tile": {"name": "Khatim"}}}


async def test_get_answers_with_variables_and_operation_name(served: Served) -> None:
    parameters = {
        "query": "query A { __typename } query B($id: ID!) { tile(id: $id) { stock } }",
        "variables": json.dumps({"id": "t2"}),
        "operationName": "B",
    }
    answer = await served.send("GET", f"/graphql?{urlencode(parameters)}")
    assert (answer.status, answer.json) == (200, {"data": {"tile": {"stock": 12}}})


async def test_get_never_runs_a_mutation(served: Served) -> None:
    query = urlencode({"query": 'mutation { rename(id: "t1", name: "x") { id } }'})
    answer = await served.send("GET", f"/graphql?{query}")
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused_with_those_allowed(served: Served, method: str) -> None:
    answer = await served.send(method)
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert answer.headers["allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{ "not a JSON', "The body is not well-formed JSON"),
        (b"\xff\xfe", "The body is not well-formed JSON"),
        (b"", "The body is not well-formed JSON"),
        (b"[]", "Batches of operations are not enabled"),
        (b'"text"', "The body must be a JSON object"),
        (b"{}", 'The parameter "query" must be a non-empty string'),
        (b'{"query": 1}', 'The parameter "query" must be a non-empty string'),
        (b'{"query": ""}', 'The parameter "query" must be a non-empty string'),
        (b'{"query": "{a}", "variables": [7]}', 'The parameter "variables" must be an object or null'),
        (b'{"query": "{a}", "extensions": "x"}', 'The parameter "extensions" must be an object or null'),
        (b'{"query": "{a}", "operationName": 4}', 'The parameter "operationName" must be a string or null'),
    ],
)
async def test_a_body_of_the_wrong_shape_is_a_coded_400(served: Served, body: bytes, message: str) -> None:
    answer = await served.post(body)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert answer.json["errors"][0]["message"].startswith(message)
    assert "data" not in answer.json


async def test_unknown_parameters_are_ignored(served: Served) -> None:
    answer = await served.post({**QUERY, "id": "x", "extensions": {"any": 1}, "variables": None})
    assert answer.json == {"data": {"tile": {"name": "Khatim"}}}


@pytest.mark.parametrize(
    ("query_string", "status"),
    [
        ("query=%7B__typename%7D&query=%7Ba%7D", 400),
        ("query=%ff", 400),
        ("variables=%7B%7D", 400),
        ("query=%7B__typename%7D&variables=%7B", 400),
        ("query=%7B__typename%7D&variables=%5B1%5D", 400),
        ("query=" + "x" * 40_000, 414),
    ],
)
async def test_a_bad_query_string_is_refused(served: Served, query_string: str, status: int) -> None:
    answer = await served.send("GET", f"/graphql?{query_string}")
    assert answer.status == status
    assert answer.codes == ["PAYLOAD_TOO_LARGE" if status == 414 else "BAD_REQUEST"]


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"],
)
async def test_a_body_that_is_not_json_in_utf_8_is_415(served: Served, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = await served.send(headers=headers, body=json.dumps(QUERY).encode())
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_a_compressed_body_is_415(served: Served) -> None:
    answer = await served.post(QUERY, content_encoding="gzip")
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("has_length", [True, False])
async def test_a_body_over_the_limit_is_413_before_it_is_parsed(has_length: bool) -> None:
    body = b'{"query": "' + b"x" * 2_000 + b'"}'
    headers = {"content-type": "application/json"}
    async with serve(limits=LimitsConfig(max_body_bytes=1_000)) as served:
        if has_length:
            answer = await served.send(headers=headers, body=body)
        else:
            answer = await served.send(headers={**headers, "transfer-encoding": "chunked"}, body=body)
        assert (answer.status, answer.codes) == (413, ["PAYLOAD_TOO_LARGE"])
        assert served.router.contexts == []


async def test_a_megabyte_of_document_is_a_coded_error_and_the_process_lives_on(served: Served) -> None:
    answer = await served.post({"query": "{ " + "__typename " * 90_000 + "}"}, accept=NEW)
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_PARSE_FAILED"])
    assert (await served.post(QUERY)).status == 200


@pytest.mark.parametrize("depth", [101, 900, 100_000])
async def test_a_nesting_bomb_is_a_coded_error(served: Served, depth: int) -> None:
    bomb = b'{"query": "{__typename}", "variables": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
    answer = await served.post(bomb)
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


async def test_braces_in_the_document_are_no_nesting(served: Served) -> None:
    answer = await served.post({"query": "{ a: tiles { price { amount } } } #" + "{[" * 500})
    assert answer.json["data"]["a"][0] == {"price": {"amount": 145000}}


async def test_recursion_in_the_pipeline_is_a_coded_error(served: Served) -> None:
    answer = await served.post({"query": "{ endless }"})
    assert (answer.status, answer.codes) == (400, ["DOCUMENT_LIMIT_EXCEEDED"])


async def test_a_batch_is_answered_in_order_when_enabled() -> None:
    config = ServerConfig(batching=BatchingConfig(enabled=True, max_operations=2))
    async with serve(config) as served:
        answer = await served.post([QUERY, {"query": "{ nothing }"}])
        assert answer.status == 200
        assert answer.json[0] == {"data": {"tile": {"name": "Khatim"}}}
        assert answer.json[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        for refused in ([QUERY] * 3, []):
            answer = await served.post(refused)
            assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
