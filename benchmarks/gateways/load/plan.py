"""What is sent, and what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Requests to one gateway: for `seconds`, or `requests` of them when that is given.

    `bodies` is a file with a request body on each line; they are sent in turn. With `is_unique` every request
    has an `authorization` of its own, counted from `first_viewer`, and may share nothing with another.
    """

    port: int
    bodies: Path
    is_unique: bool = False
    connections: int = 50
    seconds: float = 5.0
    requests: int | None = None
    first_viewer: int = 0
    path: str = "/graphql"

    def to_json(self) -> str:
        """Returns it as text for another process."""
        return json.dumps({**asdict(self), "bodies": str(self.bodies)})

    @classmethod
    def from_json(cls, text: str) -> LoadPlan:
        """Returns what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "bodies": Path(values["bodies"])})

    def head(self) -> str:
        """Returns the head of each request up to where its own headers begin."""
        return (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
            "accept: application/json\r\ncontent-type: application/json\r\n"
        )


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back. `failures` are answers other than 200 and lost connections."""

    requests: int
    seconds: float
    bytes: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    generator: str

    @property
    def rps(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0
