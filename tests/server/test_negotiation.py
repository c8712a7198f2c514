"""Which media type and which status a client gets."""

from __future__ import annotations

import pytest

from router.config import ServerConfig
from router.server.negotiation import MediaType, negotiate
from router.server.refusal import RefusedError
from tests.server.serving import Served, serve

OLD = "application/json"
NEW = "application/graphql-response+json"

BAD_DOCUMENTS = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query A { __typename }", "operationName": "B"}, "OPERATION_NOT_FOUND"),
    ({"query": "query A($id: ID!) { tile(id: $id) { id } }"}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, MediaType.JSON),
        ("", MediaType.JSON),
        ("*/*", MediaType.JSON),
        ("application/*", MediaType.JSON),
        (OLD, MediaType.JSON),
        (NEW, MediaType.GRAPHQL_RESPONSE),
        (f"{NEW}, {OLD}", MediaType.GRAPHQL_RESPONSE),
        (f"{OLD}, {NEW}", MediaType.GRAPHQL_RESPONSE),
        (f"{OLD}, {NEW};q=0.9", MediaType.JSON),
        (f"{OLD};q=0.5, */*", MediaType.GRAPHQL_RESPONSE),
        (f"{OLD};q=0, application/*", MediaType.GRAPHQL_RESPONSE),
        (f"{NEW};q=0, */*;q=0.1", MediaType.JSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", MediaType.JSON),
        (f"{OLD}; charset=utf-8", MediaType.JSON),
        ("APPLICATION/JSON", MediaType.JSON),
        ("*/*;q=nonsense, application/json", MediaType.JSON),
    ],
)
def test_the_best_quality_wins(accept: str | None, media: MediaType) -> None:
    assert negotiate(accept) is media


@pytest.mark.parametrize("accept", ["text/html", "text/*", f"{OLD};q=0", "*/*;q=0", "application/jso"])
def test_nothing_acceptable_is_refused(accept: str) -> None:
    with pytest.raises(RefusedError) as caught:
        negotiate(accept)
    assert (caught.value.code, caught.value.status) == ("NOT_ACCEPTABLE", 406)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_unacceptable_request_is_answered_406_in_json(served: Served) -> None:
    answer = await served.post({"query": "{ __typename }"}, accept="text/html")
    assert (answer.status, answer.codes) == (406, ["NOT_ACCEPTABLE"])
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("payload", "code"), BAD_DOCUMENTS)
@pytest.mark.parametrize(("accept", "status"), [(OLD, 200), (NEW, 400)])
async def test_audit_policy_for_a_bad_document(
    served: Served, payload: dict[str, str], code: str, accept: str, status: int
) -> None:
    answer = await served.post(payload, accept=accept)
    assert (answer.status, answer.codes) == (status, [code])
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert "data" not in answer.json


@pytest.mark.parametrize("accept", [OLD, NEW])
async def test_draft_policy_tells_unparsable_invalid_and_partial_apart(accept: str) -> None:
    async with serve(ServerConfig(status_policy="draft")) as served:
        for payload, code in BAD_DOCUMENTS:
            answer = await served.post(payload, accept=accept)
            expected = 400 if code == "GRAPHQL_PARSE_FAILED" else 422
            assert (answer.status, answer.codes) == (expected, [code])
        statuses = {
            body: (await served.post(body, accept=accept)).status
            for body in (
                b"{",
                b'{"query": 1}',
                b'{"query": "{ broken tile(id: 1) { id } }"}',
                b'{"query": "{ broken }"}',
                b'{"query": "{ __typename }"}',
            )
        }
    assert list(statuses.values()) == [400, 422, 294, 294, 200]
