"""GET: ETags, answers that a client has already, and what the layers below say about keeping them."""

from __future__ import annotations

from urllib.parse import quote

from router.config import ServerConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult
from router.server.app import create_app
from tests.server.local_router import LocalRouter
from tests.server.serving import HttpAnswer, Served, listen, serve

QUERY = "{ tiles { id name } }"
LARGE = "{ " + " ".join(f"t{n}: tiles {{ id name stock }}" for n in range(30)) + " }"


async def get(served: Served, query: str = QUERY, **headers: str) -> HttpAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.send("GET", f"/graphql?query={quote(query)}", headers=named)


async def test_a_known_answer_is_not_sent_again() -> None:
    async with serve() as served:
        first = await get(served)
        etag = first.headers["etag"]
        assert etag.startswith('W/"')
        for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
            again = await get(served, if_none_match=known)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == etag
            assert again.headers["vary"] == first.headers["vary"]
            assert "content-length" not in again.headers
            assert "content-type" not in again.headers
        for unknown in ('"other"', etag.replace('W/"', 'W/"0'), ""):
            assert (await get(served, if_none_match=unknown)).status == 200


async def test_another_answer_or_media_type_has_another_etag() -> None:
    async with serve() as served:
        etags = {
            (await get(served)).headers["etag"],
            (await get(served, "{ tiles { id } }")).headers["etag"],
            (await get(served, accept="application/graphql-response+json")).headers["etag"],
        }
        assert len(etags) == 3


async def test_one_answer_has_one_etag_in_every_encoding() -> None:
    async with serve() as served:
        plain = await get(served, LARGE)
        small = await get(served, LARGE, accept_encoding="gzip")
        assert small.headers["content-encoding"] == "gzip"
        assert small.headers["etag"] == plain.headers["etag"]
        known = await get(served, LARGE, accept_encoding="gzip", if_none_match=plain.headers["etag"])
        assert known.status == 304
        assert "content-encoding" not in known.headers


async def test_errors_and_posts_have_no_etag() -> None:
    async with serve() as served:
        for answer in (
            await get(served, "{ broken }"),
            await get(served, "{ nothing }"),
            await served.post({"query": QUERY}),
        ):
            assert "etag" not in answer.headers
            assert answer.headers["cache-control"] == "no-store"


class Keeping(LocalRouter):
    """A router whose answers may be kept, as the caching layers say it."""

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        context.scope.response_headers += [
            (b"cache-control", b"private, max-age=60"),
            (b"vary", b"Authorization"),
            (b"x-cache", b"hit"),
        ]
        return await super().execute(request, context)


async def test_what_may_be_kept_is_said_by_the_layers_below() -> None:
    app = create_app(Keeping(), ServerConfig(), is_ready=lambda: True)
    async with listen(app) as port:
        served = Served(port)
        answer = await get(served)
        assert answer.headers["cache-control"] == "private, max-age=60"
        assert answer.headers["vary"] == "Accept, Origin, Accept-Encoding, Authorization"
        assert answer.headers["x-cache"] == "hit"
        known = await get(served, if_none_match=answer.headers["etag"])
        assert known.status == 304
        assert known.headers["cache-control"] == "private, max-age=60"
        # Nor may an answer be kept that lacks something.
        partial = await get(served, "{ broken }")
        assert (partial.headers["cache-control"], partial.headers["x-cache"]) == ("no-store", "hit")
        # A request that never ran has no such say.
        refused = await get(served, "{ nothing }")
        assert refused.headers["cache-control"] == "no-store"
        assert refused.headers["vary"] == "Accept, Origin, Accept-Encoding"
