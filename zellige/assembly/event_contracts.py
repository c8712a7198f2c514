"""The events' contracts as files: a JSON Schema per event and a catalogue to read, made from the code.

The files are what consumers elsewhere rely on, so they change under a rule: a payload may gain fields, and
nothing it had may go, change its type or become null where it was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from subgraphs.kit.events.catalogue import ListedEvent, render_catalogue
from subgraphs.kit.events.compatibility import ContractChange, contract_changes, unmet_needs
from subgraphs.kit.events.schemas import EVERY_DOMAIN, KIT_EVENTS, event_schema, find_event_classes
from zellige.assembly.background import find_consumers, package_of
from zellige.assembly.domains import pick_domains
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed

EVENTS_FOLDER = "events"
CATALOGUE_FILE = "README.md"

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventContracts:
    """What the code makes: the schema of each event type, and who listens to it."""

    folder: Path
    schemas: Mapping[str, Schema]
    listeners: Mapping[str, tuple[str, ...]]
    unmet: tuple[ContractChange, ...]

    def files(self) -> dict[Path, str]:
        """Returns the text of every file by its path."""
        if not self.schemas:
            return {}
        listed = [
            ListedEvent(kind, schema, self.listeners.get(kind, ())) for kind, schema in self.schemas.items()
        ]
        texts = {self.folder / f"{kind}.json": _dump(schema) for kind, schema in self.schemas.items()}
        return {**texts, self.folder / CATALOGUE_FILE: render_catalogue(listed)}

    def changes_since(self, folder: Path) -> tuple[ContractChange, ...]:
        """Returns what in the code breaks consumers of the contracts in a folder, and needs nobody meets."""
        return (*contract_changes(read_contracts(folder), self.schemas), *self.unmet)

    def gone(self) -> list[Path]:
        """Returns the files of events that the code does not know."""
        known = self.files()
        return [path for path in sorted(self.folder.glob("*.json")) if path not in known]


def make_contracts(folder: Path, entries: Sequence[SubgraphEntry]) -> EventContracts:
    """Returns what the code makes now; raises CommandFailed when two domains claim one event type."""
    picked = pick_domains(entries)
    schemas: dict[str, Schema] = {}
    if picked:
        schemas |= {kind: event_schema(each, EVERY_DOMAIN) for kind, each in KIT_EVENTS.items()}
    listeners: dict[str, list[str]] = {}
    needs: list[tuple[str, str, Schema]] = []
    for entry in picked:
        for kind, event_class in find_event_classes(package_of(entry)).items():
            if kind in schemas:
                raise CommandFailed(f"Two domains publish {kind}, and one of them is {entry.name}")
            schemas[kind] = event_schema(event_class, entry.name)
        for consumer in find_consumers(entry):
            for kind in consumer.types:
                listeners.setdefault(kind, []).append(f"{entry.name}.{consumer.name}")
                needs.append((f"{entry.name}.{consumer.name}", kind, consumer.schema()))
    return EventContracts(
        folder / EVENTS_FOLDER,
        dict(sorted(schemas.items())),
        {kind: tuple(names) for kind, names in listeners.items()},
        unmet_needs(schemas, needs),
    )


def read_contracts(folder: Path) -> dict[str, Schema]:
    """Returns the schemas that stand in a folder, by event type."""
    found: dict[str, Schema] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandFailed(f"{path} is no JSON Schema: {error}") from error
    return found


def render_contract_changes(changes: Iterable[ContractChange]) -> str:
    """Returns the changes for a person, with what to do."""
    return "\n\n".join(
        f"breaking[{change.code}] {change.place}: {change.message}\n  = {change.advice}" for change in changes
    )


def _dump(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)
