"""Tools see when each domain was asked, also where all run in the router's process."""

from __future__ import annotations

from router.server.app import create_app
from router.telemetry.telemetry import Telemetry
from tests.server.local_router import LocalRouter
from tests.server.serving import Served, listen
from tests.support.platform import RunningPlatform

QUERY = "{ products(first: 1) { nodes { name } totalCount } __typename }"


async def test_fetches_within_the_process_are_timed(platform: RunningPlatform) -> None:
    whole = platform.platform
    telemetry = Telemetry(is_inspectable=True)
    app = create_app(whole.front, whole.config.server, is_ready=lambda: True, telemetry=telemetry)
    async with listen(app) as port:
        answer = await Served(port, LocalRouter()).post({"query": QUERY}, x_zellige_trace="1")
    trace = answer.json["extensions"]["zellige"]
    (fetch,) = trace["fetches"]
    assert (fetch["service"], fetch["error"]) == ("products", None)
    assert 0 < fetch["startMs"] < fetch["endMs"] <= trace["totalMs"]
