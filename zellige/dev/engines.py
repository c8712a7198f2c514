"""The engines of a session: the ones the environment names, else embedded ones in the data directory."""

from __future__ import annotations

import os
from pathlib import Path

from zellige.console import progress
from zellige.errors import CommandFailed
from zellige.services.postgres import EmbeddedPostgres
from zellige.services.process import ServiceError
from zellige.services.redis import EmbeddedRedis


class Engines:
    """PostgreSQL and Redis for as long as the session lasts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._embedded: list[EmbeddedPostgres | EmbeddedRedis] = []

    def start(self) -> dict[str, str]:
        """Starts what the environment does not name and returns DATABASE_URL and REDIS_URL."""
        return {
            "DATABASE_URL": self._url_of("DATABASE_URL", "PostgreSQL", EmbeddedPostgres),
            "REDIS_URL": self._url_of("REDIS_URL", "Redis", EmbeddedRedis),
        }

    def stop(self) -> None:
        """Stops the embedded engines, the last started first."""
        while self._embedded:
            self._embedded.pop().stop()

    def _url_of(self, variable: str, name: str, kind: type[EmbeddedPostgres] | type[EmbeddedRedis]) -> str:
        if os.environ.get(variable):
            return os.environ[variable]
        engine = kind(self._directory)
        self._embedded.append(engine)
        try:
            with progress(f"Starting the embedded {name}"):
                return engine.start()
        except ServiceError as error:
            raise CommandFailed(str(error)) from error
