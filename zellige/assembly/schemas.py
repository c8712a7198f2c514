"""The exported schemas: what the code makes, as files that people, tools and reviews can read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from router.composition.compose import compose_supergraph
from router.composition.diagnostics import render_text
from router.composition.source import SubgraphSource
from subgraphs.kit.auth.keys import generate_signing_key
from subgraphs.kit.settings import KitSettings
from zellige.assembly.domains import create_domain, pick_domains
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed

SUPERGRAPH_FILE = "supergraph.graphql"
API_FILE = "api.graphql"


def make_schemas(folder: Path, entries: Sequence[SubgraphEntry]) -> dict[Path, str]:
    """Returns the text of every exported file by its path; raises CommandFailed when nothing composes."""
    # The schema depends on no secret; identity needs a key to be made at all.
    settings = KitSettings(signing_key=generate_signing_key(), internal_secret="unused" * 6)
    domains = [(entry, create_domain(entry, settings).sdl()) for entry in pick_domains(entries)]
    composition = compose_supergraph(
        [SubgraphSource(entry.name, sdl, entry.url, str(entry.schema)) for entry, sdl in domains]
    )
    if composition.supergraph_sdl is None or composition.api_sdl is None:
        raise CommandFailed("The subgraphs do not compose.\n" + render_text(composition.diagnostics))
    schemas = {entry.schema: _ended(sdl) for entry, sdl in domains}
    schemas[folder / SUPERGRAPH_FILE] = _ended(composition.supergraph_sdl)
    schemas[folder / API_FILE] = _ended(composition.api_sdl)
    return schemas


def write_schemas(schemas: Mapping[Path, str]) -> list[Path]:
    """Writes what has changed and returns those paths."""
    changed = [path for path, text in schemas.items() if _read(path) != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schemas[path], encoding="utf-8")
    return changed


def diff_schemas(schemas: Mapping[Path, str]) -> str:
    """Returns the unified difference from the files to the code; empty when the files are fresh."""
    return "".join(
        line
        for path, text in schemas.items()
        for line in difflib.unified_diff(
            _read(path).splitlines(keepends=True),
            text.splitlines(keepends=True),
            fromfile=str(path),
            tofile=f"{path} (from code)",
        )
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n"
