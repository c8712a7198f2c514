"""`zellige operations`: the documents clients may name, published and listed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from graphql import GraphQLError, OperationDefinitionNode, parse
from redis.exceptions import RedisError
from rich.table import Table

from router.pipeline.documents.manifest import (
    ManifestError,
    PublishedDocument,
    hash_of,
    read_manifest,
)
from router.pipeline.documents.publishing import (
    DOCUMENTS_MAX,
    Documents,
    FileShelf,
    RedisShelf,
    Shelf,
    problems_of,
)
from zellige.assembly.supergraph_sdl import read_supergraph
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed
from zellige.event_tables import print_table

app = command_app(no_args_is_help=True, help="Publishes the documents that clients may name, and lists them.")

ManifestOption = Annotated[Path | None, typer.Option(help="The manifest file they stand in.")]
RedisOption = Annotated[str | None, typer.Option("--redis", metavar="URL", help="The Redis they stand in.")]
KeyOption = Annotated[str, typer.Option(help="Under which key of Redis.")]
DEFAULT_KEY = "zellige:operations"
PROBLEMS_SHOWN_MAX = 50


class Format(StrEnum):
    """How the list is written."""

    table = "table"
    json = "json"


@dataclass(frozen=True, slots=True)
class _Published:
    added: int
    kept: int
    removed: int


@app.command()
def publish(
    files: Annotated[
        list[Path],
        typer.Argument(help="Documents (.graphql), or manifests of Apollo, Relay or our own (.json)."),
    ],
    supergraph: Annotated[Path, typer.Option(help="The supergraph every document must be valid for.")],
    manifest: ManifestOption = None,
    redis: RedisOption = None,
    key: KeyOption = DEFAULT_KEY,
    replace: Annotated[bool, typer.Option("--replace", help="Take all others out.")] = False,
) -> None:
    """Publishes documents, once all of them are valid, in one step.

    A .graphql file is one document, with its SHA-256 as its id. Documents of earlier releases stay, because
    their clients do; --replace takes them out. Routers take the new ones over within
    documents.poll_interval_ms.

    \b
    Examples:
      zellige operations publish queries/*.graphql --supergraph s.graphql --manifest operations.json
      zellige operations publish persisted-query-manifest.json --supergraph s.graphql --redis redis://redis
      zellige operations publish relay.json --supergraph s.graphql --manifest operations.json --replace
    """
    shelf = _shelf_of(manifest, redis, key)
    documents = {one.id: one for path in files for one in _read_documents(path)}
    problems = problems_of(read_supergraph(supergraph).api_schema, documents.values())
    if problems:
        shown = "\n".join(f"  {line}" for line in problems[:PROBLEMS_SHOWN_MAX])
        raise CommandFailed(f"Nothing was published: {len(problems)} problems.\n{shown}")
    outcome = _put(shelf, documents, replaces=replace)
    say(f"{outcome.added} published, {outcome.kept} were there, {outcome.removed} taken out.")


@app.command("list")
def list_operations(
    manifest: ManifestOption = None,
    redis: RedisOption = None,
    key: KeyOption = DEFAULT_KEY,
    format_: Annotated[
        Format, typer.Option("--format", help="table, or json (one object per line).")
    ] = Format.table,
) -> None:
    """Lists the published documents.

    \b
    Examples:
      zellige operations list --manifest operations.json
      zellige operations list --redis redis://redis:6379/0 --format json | jq -r .id
    """
    try:
        documents = _shelf_of(manifest, redis, key).read()
    except (ManifestError, RedisError, OSError) as error:
        raise CommandFailed(f"The documents cannot be read: {error}") from error
    ordered = sorted(documents.values(), key=lambda one: (one.name or "", one.id))
    if format_ is Format.json:
        for one in ordered:
            write_result(json.dumps({"id": one.id, "name": one.name, "bytes": len(one.body.encode())}))
        return
    table = Table("operation", "bytes", "id")
    for one in ordered:
        table.add_row(one.name or "-", str(len(one.body.encode())), one.id)
    print_table(table)


def _shelf_of(manifest: Path | None, redis: str | None, key: str) -> Shelf:
    if (manifest is None) == (redis is None):
        raise typer.BadParameter("name one place: --manifest FILE or --redis URL")
    if manifest is not None:
        return FileShelf(manifest)
    assert redis is not None, "one of the two is there"
    return RedisShelf(redis, key)


def _read_documents(path: Path) -> Iterable[PublishedDocument]:
    try:
        content = path.read_bytes()
        if path.suffix == ".json":
            return read_manifest(content, DOCUMENTS_MAX).values()
        body = content.decode("utf-8")
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except (ManifestError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path}: {error}") from error
    return (PublishedDocument(hash_of(body), body, _name_in(body)),)


def _name_in(body: str) -> str | None:
    """Returns the name of a document's only operation."""
    try:
        definitions = parse(body, no_location=True).definitions
    except GraphQLError:
        return None  # said when it is validated
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].name is None:
        return None
    return operations[0].name.value


def _put(shelf: Shelf, documents: Documents, *, replaces: bool) -> _Published:
    before: Documents = {}

    def change(published: Documents) -> Documents:
        nonlocal before
        before = published
        return documents if replaces else {**published, **documents}

    try:
        after = shelf.change(change)
    except (ManifestError, RedisError, OSError) as error:
        raise CommandFailed(f"Nothing was published: {error}") from error
    added = len(after.keys() - before.keys())
    return _Published(added, len(documents) - added, len(before.keys() - after.keys()))
