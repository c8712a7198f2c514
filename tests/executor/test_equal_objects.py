"""Equal objects are fetched for once and written wherever they stand; those that differ stay apart."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from router.executor.transport.client import AwaitedOnly, SubgraphRequest, SubgraphResponse
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.support.run_router import compose

REVIEWS = """
    scalar Anything
    type Query { reviews: [Review] authors: [User] }
    type Review { author: User }
    type User @key(fields: "id") { id: ID! nick: String said: [Saying] mood: Anything }
    type Saying { text: String about: User }
"""
ACCOUNTS = 'type Query { me: User } type User @key(fields: "id") { id: ID! email: String }'


class Says(AwaitedOnly):
    """A subgraph with one answer to root fields, and an e-mail address for every user."""

    takes_body = True

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.represented: list[list[dict[str, Any]]] = []

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        assert request.body is not None
        variables = orjson.loads(request.body).get("variables") or {}
        data = self.data
        if variables:
            asked = {key.replace("representations", "_entities"): sent for key, sent in variables.items()}
            self.represented += asked.values()
            data = {key: [{"email": f"{one['id']}@x"} for one in sent] for key, sent in asked.items()}
        return SubgraphResponse(None, body=orjson.dumps({"data": data}))

    async def close(self) -> None:
        pass


async def run(query: str, data: dict[str, Any]) -> tuple[Any, list[list[dict[str, Any]]]]:
    sdl = compose({"reviews": REVIEWS, "accounts": ACCOUNTS}).supergraph_sdl
    assert sdl is not None
    accounts = Says({})
    router = Router(load_supergraph(sdl), {"reviews": Says(data), "accounts": accounts}, compile_after=0)
    result = await router.execute(GraphQLRequest(query), RequestContext())
    assert result.encoded is not None, "it was finished as code"
    await router.close()
    return result.data, accounts.represented


def user(number: str, **more: Any) -> dict[str, Any]:
    return {"id": number, **more}


@pytest.mark.parametrize("times", [1, 2, 3, 40])
async def test_objects_that_are_equal_are_written_at_each_place(times: int) -> None:
    said = [{"text": 'é"', "about": user("2")}, None]
    data = {
        "reviews": [{"author": user("1", nick="a", said=said)}, {"author": user("2", nick=None, said=[])}]
        * times
    }
    answer, represented = await run(
        "{ reviews { author { id nick said { text about { email } } email } } }", data
    )
    first = user("1", nick="a", said=[{"text": 'é"', "about": {"email": "2@x"}}, None], email="1@x")
    second = user("2", nick=None, said=[], email="2@x")
    assert answer == {"reviews": [{"author": first}, {"author": second}] * times}
    assert [sorted(one["id"] for one in sent) for sent in represented] == [["1", "2"]]


async def test_objects_of_one_id_that_differ_stay_apart() -> None:
    nicks = ["a", "b", "a", None, "b", "a"]
    data = {"reviews": [{"author": user("1", nick=nick)} for nick in nicks]}
    answer, represented = await run("{ reviews { author { nick email } } }", data | {})
    assert answer == {"reviews": [{"author": {"nick": nick, "email": "1@x"}} for nick in nicks]}
    assert represented == [[{"__typename": "User", "id": "1"}]]


async def test_equal_objects_below_a_list_are_one_too() -> None:
    data = {"authors": [user("1", nick="a"), user("1", nick="a"), user("2", nick="a")]}
    answer, _ = await run("{ authors { nick email } }", data)
    assert answer == {"authors": [{"nick": "a", "email": f"{number}@x"} for number in "112"]}


async def test_a_scalar_of_any_type_tells_one_from_true() -> None:
    moods: list[Any] = [1, True, 1.0, "1", [1], [True]]
    data = {"reviews": [{"author": user("1", mood=mood)} for mood in moods]}
    answer, _ = await run("{ reviews { author { mood email } } }", data)
    assert [repr(one["author"]["mood"]) for one in answer["reviews"]] == [repr(mood) for mood in moods]
