"""What the serving process tells the session, one JSON object per line over a pipe."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import Literal

Stage = Literal["working", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Report:
    """One step of the serving process: `text` is the activity, or why it failed."""

    stage: Stage
    text: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)

    def encode(self) -> bytes:
        """Returns the report as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Report:
        """Returns the report of one line."""
        content = json.loads(line)
        return cls(content["stage"], content["text"], tuple(content["notes"]))


class Reporter:
    """The serving process's end of the pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def working(self, activity: str) -> None:
        """Tells what goes on."""
        self._send(Report("working", activity))

    def ready(self, notes: tuple[str, ...]) -> None:
        """Tells that requests are answered; `notes` are for the person."""
        self._send(Report("ready", "", notes))

    def failed(self, reason: str) -> None:
        """Tells why there is nothing to serve."""
        self._send(Report("failed", reason))

    def _send(self, report: Report) -> None:
        try:
            os.write(self._descriptor, report.encode())
        except BrokenPipeError:
            return  # the session is gone; the watch over it ends this process
