"""The subgraphs to compose, from the supergraph file or from files named one by one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from router.composition.source import SubgraphSource
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed


def sources_of_entries(entries: Iterable[SubgraphEntry]) -> list[SubgraphSource]:
    """Returns the subgraphs of a supergraph file with the SDL of their exported schemas."""
    return [
        SubgraphSource(entry.name, _read(entry.schema), entry.url, str(entry.schema)) for entry in entries
    ]


def source_of_file(name: str, file: Path) -> SubgraphSource:
    """Returns a subgraph whose SDL stands in a file."""
    return SubgraphSource(name, _read(file), "", str(file))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        advice = "`zellige schema export` writes the platform's own schemas"
        raise CommandFailed(f"{path} does not exist. {advice}") from error
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
