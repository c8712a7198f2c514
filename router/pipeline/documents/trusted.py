"""The published documents of the moment, and the watch for newer ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import structlog

from router.config import DocumentsConfig
from router.pipeline.documents.manifest import ManifestError, PublishedDocument, hash_of, read_manifest
from router.telemetry.catalogue import TRUSTED_DOCUMENTS, Reading

_log = structlog.stdlib.get_logger("router.documents")


class ManifestSource(Protocol):
    """Where the manifest stands."""

    async def read(self, known: str | None) -> tuple[str, bytes] | None:
        """Returns the manifest and a mark of it; None when it is the one whose mark is `known`.

        Raises ManifestError when it cannot be read.
        """
        ...


class FileSource:
    """A file; whoever writes it renames it into place."""

    def __init__(self, path: str, bytes_max: int) -> None:
        self._path = Path(path)
        self._bytes_max = bytes_max

    async def read(self, known: str | None) -> tuple[str, bytes] | None:
        return await asyncio.to_thread(self.read_now, known)

    def read_now(self, known: str | None = None) -> tuple[str, bytes] | None:
        """Does the same at once, for whoever has no event loop yet."""
        try:
            stat = self._path.stat()
            mark = f"{stat.st_mtime_ns}-{stat.st_size}-{stat.st_ino}"
            if mark == known:
                return None
            if stat.st_size > self._bytes_max:
                raise ManifestError(f"{self._path} is larger than {self._bytes_max} bytes")
            return mark, self._path.read_bytes()
        except OSError as error:
            raise ManifestError(f"{self._path} cannot be read: {error.strerror}") from error


class TrustedDocuments:
    """What was published last, by id and by the hash of its text; what cannot be read changes nothing."""

    def __init__(self, config: DocumentsConfig) -> None:
        self._config = config
        self._source = _source_of(config)
        self._mark: str | None = None
        self._said: str | None = None
        self._by_id: Mapping[str, PublishedDocument] = {}
        self._hashes: frozenset[str] = frozenset()

    def find(self, id_: str) -> PublishedDocument | None:
        """Returns the document of an id."""
        return self._by_id.get(id_)

    def has_text(self, text: str) -> bool:
        """Whether exactly this text was published."""
        return hash_of(text) in self._hashes

    async def look(self) -> None:
        """Takes a newer manifest over; raises ManifestError when it cannot be used."""
        found = await self._source.read(self._mark)
        if found is not None:
            self._take(*found)

    async def start(self) -> None:
        """Takes over what Redis has; with nothing there, every document is unknown until something is."""
        try:
            await self.look()
        except ManifestError as error:
            _log.error("the trusted documents cannot be read yet", problem=str(error))

    def load(self) -> None:
        """Takes the file over before there is an event loop; raises ManifestError."""
        if isinstance(self._source, FileSource):
            found = self._source.read_now()
            assert found is not None, "the first reading is always new"
            self._take(*found)

    def _take(self, mark: str, text: bytes) -> None:
        documents = read_manifest(text, self._config.documents_max)
        self._hashes = frozenset(hash_of(one.body) for one in documents.values())
        self._by_id = documents
        if self._mark is not None:
            _log.info("newer trusted documents took over", documents=len(documents))
        self._mark = mark

    async def watch(self) -> None:
        """Looks for newer ones until it is cancelled."""
        while True:
            try:
                await self.look()
                self._said = None
            except ManifestError as error:
                if str(error) != self._said:
                    self._said = str(error)
                    _log.error("the trusted documents cannot be read; the old ones stay", problem=str(error))
            await asyncio.sleep(self._config.poll_interval_ms / 1000)

    def readings(self) -> Iterable[Reading]:
        """Returns how many there are, for metrics."""
        yield Reading(TRUSTED_DOCUMENTS, len(self._by_id))


def _source_of(config: DocumentsConfig) -> ManifestSource:
    if config.redis_url is not None:
        # Redis's client takes megabytes: it is loaded by who has a Redis.
        from router.pipeline.documents.redis_manifest import RedisSource  # noqa: PLC0415

        return RedisSource(config.redis_url, config.redis_key, config.manifest_bytes_max)
    assert config.manifest is not None, "the settings have one of the two"
    return FileSource(config.manifest, config.manifest_bytes_max)
