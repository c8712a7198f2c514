"""Lists of published documents: our own, Apollo's persisted query manifest, Relay's map of ids to texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

OWN_FORMAT = "zellige-operation-manifest"
APOLLO_FORMAT = "apollo-persisted-query-manifest"
_ID_LENGTH_MAX = 200


class ManifestError(Exception):
    """The text is no manifest; the message says why."""


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """A document and the id clients name it by; `name` is that of its operation, if it has one."""

    id: str
    body: str
    name: str | None = None


def hash_of(body: str) -> str:
    """Returns the SHA-256 of a text as clients compute it."""
    return sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def plain_id(offered: str) -> str:
    """Returns an id without the prefix that says how it was made: `sha256:...` is the hash itself."""
    return offered.removeprefix("sha256:")


def read_manifest(text: bytes, documents_max: int) -> dict[str, PublishedDocument]:
    """Returns the documents by id; raises ManifestError."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"it is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ManifestError("it is not an object")
    documents = dict(_entries_of(value))
    if len(documents) > documents_max:
        raise ManifestError(f"it has {len(documents)} documents, and documents_max is {documents_max}")
    return documents


def _entries_of(value: Mapping[str, Any]) -> Iterable[tuple[str, PublishedDocument]]:
    kind = value.get("format")
    if kind in {OWN_FORMAT, APOLLO_FORMAT}:
        if value.get("version") != 1:
            raise ManifestError(f"version {value.get('version')!r} of {kind} is not known")
        entries = value.get("operations")
        if not isinstance(entries, list):
            raise ManifestError('it has no list "operations"')
        for entry in entries:
            document = _read_entry(entry)
            yield document.id, document
        return
    for id_, body in value.items():
        if not isinstance(body, str):
            raise ManifestError(f"it is neither {OWN_FORMAT}, {APOLLO_FORMAT} nor a map of ids to texts")
        yield plain_id(_read_id(id_)), PublishedDocument(plain_id(id_), body)


def _read_entry(entry: Any) -> PublishedDocument:
    if not isinstance(entry, dict) or not isinstance(entry.get("body"), str):
        raise ManifestError('an operation is an object with "id" and "body"')
    given = entry.get("name")
    name = given if isinstance(given, str) and given else None
    return PublishedDocument(plain_id(_read_id(entry.get("id"))), entry["body"], name)


def _read_id(id_: Any) -> str:
    if not isinstance(id_, str) or not 0 < len(id_) <= _ID_LENGTH_MAX or not id_.isprintable():
        raise ManifestError(f"{id_!r:.80} is no id")
    return id_


def write_manifest(documents: Iterable[PublishedDocument]) -> bytes:
    """Returns our own manifest of the documents, by id."""
    operations = [
        {"id": one.id, "name": one.name, "body": one.body}
        for one in sorted(documents, key=lambda one: one.id)
    ]
    manifest = {"format": OWN_FORMAT, "version": 1, "operations": operations}
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
