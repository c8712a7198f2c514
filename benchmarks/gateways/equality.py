"""Whether a gateway's answers are right: its data against the monolith's."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.gateways.worlds import World

ANSWER_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Check:
    """What was found: how many answers were right, how long one is on average, and the first wrong one."""

    right: int
    asked: int
    bytes_each: float
    first_problem: str = ""

    @property
    def is_right(self) -> bool:
        """Whether every answer was."""
        return self.right == self.asked


def check_answers(world: World, port: int, bodies: Iterable[str]) -> Check:
    """Asks each body once and compares the data; the order of keys is left to the gateway."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
    right = asked = size = 0
    first_problem = ""
    for body in bodies:
        asked += 1
        try:
            status, content = _ask(connection, body)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            problem = f"no answer: {error!r}"
        else:
            size += len(content)
            problem = _problem(status, content, world.answer_as_monolith(body.encode()))
        right += not problem
        first_problem = first_problem or problem
    connection.close()
    return Check(right, asked, size / max(1, asked), first_problem)


def _ask(connection: http.client.HTTPConnection, body: str) -> tuple[int, bytes]:
    headers = {"content-type": "application/json", "accept": "application/json"}
    connection.request("POST", "/graphql", body, headers)
    response = connection.getresponse()
    return response.status, response.read()


def _problem(status: int, content: bytes, expected: dict[str, Any]) -> str:
    try:
        answer = json.loads(content)
    except ValueError:
        return f"HTTP {status}, not JSON: {content[:200]!r}"
    if "errors" in answer or status != 200:
        return f"HTTP {status}: {json.dumps(answer.get('errors'))[:300]}"
    return "" if answer.get("data") == expected["data"] else "other data than the monolith's"
