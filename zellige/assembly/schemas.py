"""The exported schemas: what the code makes, as files that people, tools and reviews can read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from router.composition.compose import Composition, compose_supergraph
from router.composition.source import SubgraphSource
from router.config import RouterConfig
from subgraphs.kit.auth.keys import generate_signing_key
from subgraphs.kit.settings import KitSettings
from zellige.assembly.domains import create_domain, pick_domains
from zellige.assembly.event_contracts import EventContracts, make_contracts
from zellige.assembly.supergraph_file import SubgraphEntry

SUPERGRAPH_FILE = "supergraph.graphql"
API_FILE = "api.graphql"
CONFIG_FILE = "router-config.json"


@dataclass(frozen=True, slots=True)
class CodeSchemas:
    """What the code makes: each subgraph's SDL by the path of its file, and their composition."""

    folder: Path
    subgraphs: Mapping[Path, str]
    composition: Composition
    events: EventContracts

    @property
    def api_path(self) -> Path:
        """Where the API schema stands."""
        return self.folder / API_FILE

    def files(self) -> dict[Path, str]:
        """Returns the text of every exported file by its path; the supergraph's only when there is one."""
        made = {
            self.folder / SUPERGRAPH_FILE: self.composition.supergraph_sdl,
            self.api_path: self.composition.api_sdl,
        }
        texts = {**self.subgraphs, **{path: text for path, text in made.items() if text is not None}}
        texts |= self.events.files()
        texts[self.folder / CONFIG_FILE] = router_config_schema()
        return {path: text.rstrip("\n") + "\n" for path, text in texts.items()}


def router_config_schema() -> str:
    """Returns the JSON Schema of `router.yaml`, for editors and for checks that run without us."""
    return json.dumps(RouterConfig.json_schema(), indent=2, ensure_ascii=False)


def make_schemas(folder: Path, entries: Sequence[SubgraphEntry]) -> CodeSchemas:
    """Returns what the code makes now, composed or not."""
    # The schema depends on no secret; identity needs a key to be made at all.
    settings = KitSettings(signing_key=generate_signing_key(), internal_secret="unused" * 6)
    domains = [(entry, create_domain(entry, settings)) for entry in pick_domains(entries)]
    sources = [
        SubgraphSource(entry.name, domain.sdl(), entry.url, str(entry.schema), domain.origins())
        for entry, domain in domains
    ]
    subgraphs = {entry.schema: source.sdl for (entry, _), source in zip(domains, sources, strict=True)}
    contracts = make_contracts(folder, entries)
    return CodeSchemas(folder, subgraphs, compose_supergraph(sources), contracts)


def write_schemas(schemas: Mapping[Path, str]) -> list[Path]:
    """Writes what has changed and returns those paths."""
    changed = stale_files(schemas)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schemas[path], encoding="utf-8")
    return changed


def remove_files(paths: Sequence[Path]) -> None:
    """Removes files of what the code does not know any more."""
    for path in paths:
        path.unlink()


def stale_files(schemas: Mapping[Path, str]) -> list[Path]:
    """Returns the paths whose text is not what the code makes."""
    return [path for path, text in schemas.items() if _read(path) != text]


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
