"""Publishing: documents are checked against a supergraph, and take the place of those before in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from graphql import GraphQLSchema
from redis import Redis, WatchError

from router.config import LimitsConfig
from router.errors import ClientError
from router.pipeline.accept import valid_document
from router.pipeline.documents.manifest import (
    ManifestError,
    PublishedDocument,
    read_manifest,
    write_manifest,
)
from router.pipeline.refuse import RefusedError

DOCUMENTS_MAX = 1_000_000
_ATTEMPTS_MAX = 20

Documents = Mapping[str, PublishedDocument]


class Shelf(Protocol):
    """Where published documents stand."""

    def read(self) -> dict[str, PublishedDocument]:
        """Returns what is published; nothing where nothing was. Raises ManifestError or OSError."""
        ...

    def change(self, change: Callable[[Documents], Documents]) -> Documents:
        """Puts what `change` makes of the documents in their place, in one step; returns it."""
        ...


class FileShelf:
    """A manifest file, replaced by renaming: a router never reads half of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, PublishedDocument]:
        """Returns what the file has; nothing when there is none."""
        if not self._path.exists():
            return {}
        return read_manifest(self._path.read_bytes(), DOCUMENTS_MAX)

    def change(self, change: Callable[[Documents], Documents]) -> Documents:
        """Replaces the file; of two who publish at the same moment the later one wins."""
        documents = change(self.read())
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as beside:
            beside.write(write_manifest(documents.values()))
            beside.flush()
            os.fsync(beside.fileno())
        Path(beside.name).chmod(0o644)
        Path(beside.name).replace(self._path)
        return documents


class RedisShelf:
    """A hash in Redis. Of two who publish at the same moment the second begins anew on what the first put."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def read(self) -> dict[str, PublishedDocument]:
        """Returns what Redis has."""
        with Redis.from_url(self._url) as redis:
            return _documents_of(redis.hget(self._key, "manifest"))

    def change(self, change: Callable[[Documents], Documents]) -> Documents:
        """Replaces what Redis has, unless another one did so meanwhile: then it begins anew."""
        with Redis.from_url(self._url) as redis:
            for _ in range(_ATTEMPTS_MAX):
                with redis.pipeline() as pipeline:
                    pipeline.watch(self._key)
                    documents = change(_documents_of(pipeline.hget(self._key, "manifest")))
                    manifest = write_manifest(documents.values())
                    version = sha256(manifest).hexdigest()
                    pipeline.multi()
                    pipeline.hset(self._key, mapping={"version": version, "manifest": manifest})
                    try:
                        pipeline.execute()
                    except WatchError:
                        continue
                    return documents
        raise ManifestError(f"others keep publishing to {self._key}")


def _documents_of(manifest: Any) -> dict[str, PublishedDocument]:
    return read_manifest(manifest, DOCUMENTS_MAX) if manifest else {}


def problems_of(schema: GraphQLSchema, documents: Iterable[PublishedDocument]) -> list[str]:
    """Returns what is wrong with each document, as lines that begin with its id."""
    found: list[str] = []
    for one in documents:
        try:
            valid_document(schema, LimitsConfig(), one.body)
        except RefusedError as refused:
            found += [f"{one.id}: {error.message}" for error in refused.errors]
        except ClientError as error:
            found.append(f"{one.id}: {error.message}")
    return found
