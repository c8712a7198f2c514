"""`schema/supergraph.yaml`: which subgraphs there are, where each answers, where its SDL and code stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zellige.errors import CommandFailed

DEFAULT_PATH = Path("schema/supergraph.yaml")
KNOWN_KEYS = frozenset({"url", "schema", "module"})


@dataclass(frozen=True, slots=True)
class SubgraphEntry:
    """One subgraph of the file; `schema` is a path, `module` the Python module with its `create_app`."""

    name: str
    url: str
    schema: Path
    module: str | None = None


def read_supergraph_file(path: Path) -> tuple[SubgraphEntry, ...]:
    """Returns the subgraphs in the order of the file; raises CommandFailed with what is wrong in it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise CommandFailed(f"{path} is not YAML: {error}") from error
    subgraphs = content.get("subgraphs") if isinstance(content, dict) else None
    if not isinstance(subgraphs, dict) or not subgraphs:
        raise CommandFailed(f"{path} needs a map `subgraphs:` with one entry per subgraph")
    return tuple(_read_entry(path, str(name), entry) for name, entry in subgraphs.items())


def _read_entry(path: Path, name: str, entry: Any) -> SubgraphEntry:
    if not isinstance(entry, dict):
        raise CommandFailed(f"{path}: {name} must be a map with url and schema")
    unknown = sorted(set(entry) - KNOWN_KEYS)
    if unknown:
        raise CommandFailed(f"{path}: {name} has unknown keys {', '.join(unknown)}")
    for key in ("url", "schema"):
        if not isinstance(entry.get(key), str):
            raise CommandFailed(f"{path}: {name} needs `{key}`, a text")
    return SubgraphEntry(name, entry["url"], path.parent / entry["schema"], entry.get("module"))
