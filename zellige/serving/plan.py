"""What a router process is to do; plain values, so that it can be handed to another process."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path

from router.config import RouterConfig
from zellige.assembly.standalone import StandaloneOptions, read_config
from zellige.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """The words of the command line.

    With `shares_port` each worker binds to the port itself; `listener` is the socket that all share where the
    system does not spread connections over sockets.
    """

    config: Path | None
    source: str | None
    host: str | None = None
    port: int | None = None
    urls: dict[str, str] = field(default_factory=dict)
    passages: dict[str, str] = field(default_factory=dict)
    shares_port: bool = False
    listener: socket.socket | None = None

    def settings(self) -> RouterConfig:
        """Returns the settings of the file with what the command line changes; raises CommandFailed."""
        settings = read_config(self.config)
        changed = {
            name: value for name, value in (("host", self.host), ("port", self.port)) if value is not None
        }
        return settings.model_copy(update={"server": settings.server.model_copy(update=changed)})

    def options(self, settings: RouterConfig) -> StandaloneOptions:
        """Returns what the router is assembled from; raises CommandFailed without a supergraph."""
        source = self.source or settings.supergraph.source
        if source is None:
            raise CommandFailed("There is no supergraph: pass --supergraph, or set supergraph.source")
        return StandaloneOptions(settings, source, self.urls, self.passages)

    def to_json(self) -> str:
        """Returns the plan for another process, but for the listener, which is handed on as a descriptor."""
        return json.dumps(
            {
                "config": str(self.config) if self.config is not None else None,
                "source": self.source,
                "host": self.host,
                "port": self.port,
                "urls": self.urls,
                "passages": self.passages,
                "shares_port": self.shares_port,
            }
        )

    @classmethod
    def from_json(cls, text: str, listener: socket.socket | None) -> ServingPlan:
        """Returns the plan another process was given."""
        words = json.loads(text)
        config = words.pop("config")
        return cls(config=Path(config) if config is not None else None, listener=listener, **words)
