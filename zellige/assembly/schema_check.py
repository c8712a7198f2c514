"""What the code makes, held against the files and against the API schema clients know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema

from router.composition.diagnostics import Diagnostic, render_json, render_text
from router.composition.schema_changes import (
    ApiChange,
    find_api_changes,
    render_changes_json,
    render_changes_text,
)
from subgraphs.kit.events.compatibility import ContractChange
from zellige.assembly.event_contracts import render_contract_changes
from zellige.assembly.schemas import CodeSchemas, diff_schemas, stale_files
from zellige.errors import CommandFailed

STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """Everything `zellige schema check` has found."""

    diagnostics: tuple[Diagnostic, ...]
    breaking: tuple[ApiChange, ...]
    dangerous: tuple[ApiChange, ...]
    contracts: tuple[ContractChange, ...]
    stale: tuple[Path, ...]
    difference: str

    @property
    def composes(self) -> bool:
        """Whether the subgraphs of the code compose."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)

    def refusals(self, *, allow_breaking: bool) -> list[str]:
        """Returns one sentence for each reason why the check fails."""
        if not self.composes:
            return ["The subgraphs do not compose"]
        found = []
        if self.breaking and not allow_breaking:
            count = len(self.breaking)
            found.append(
                f"The API schema has {count} breaking change{'s' if count > 1 else ''}. Keep the "
                "clients working as each entry advises, or accept with --allow-breaking"
            )
        if self.contracts and not allow_breaking:
            count = len(self.contracts)
            found.append(
                f"The events have {count} breaking change{'s' if count > 1 else ''}. Keep their listeners "
                "working as each entry advises, or accept with --allow-breaking"
            )
        if self.stale:
            found.append(
                "The exported schemas are stale. Run `zellige schema export` and read the difference"
            )
        return found


def check_schemas(
    schemas: CodeSchemas, against: Path | None, events_against: Path | None = None
) -> SchemaCheck:
    """Checks composition, the files, clients of the API schema, and listeners of the events.

    Clients and listeners are those of what stands in `against` and `events_against`, else of the exported.
    """
    diagnostics = schemas.composition.diagnostics
    if not schemas.composition.ok:
        return SchemaCheck(diagnostics, (), (), (), (), "")
    changes = api_changes(schemas, against)
    files = schemas.files()
    return SchemaCheck(
        diagnostics,
        tuple(change for change in changes if change.severity == "breaking"),
        tuple(change for change in changes if change.severity == "dangerous"),
        schemas.events.changes_since(events_against or schemas.events.folder),
        (*stale_files(files), *schemas.events.gone()),
        diff_schemas(files),
    )


def api_changes(schemas: CodeSchemas, against: Path | None) -> tuple[ApiChange, ...]:
    """Returns what the code's API schema changes for clients; nothing where none was exported before."""
    path = schemas.api_path if against is None else against
    if against is None and not path.exists():
        return ()
    assert schemas.composition.api_sdl is not None, "the caller has seen that the subgraphs compose"
    return find_api_changes(read_api_schema(path), build_schema(schemas.composition.api_sdl))


def read_api_schema(path: Path) -> GraphQLSchema:
    """Returns the schema in a file, or on standard input for `-`; raises CommandFailed when it is none."""
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else path.read_text(encoding="utf-8")
        return build_schema(text)
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except (GraphQLError, TypeError) as error:
        raise CommandFailed(f"{path} is no API schema: {error}") from error


def describe_check(found: SchemaCheck) -> str:
    """Returns the findings for a person; empty when there is nothing to say."""
    return "\n\n".join(_paragraphs(found))


def _paragraphs(found: SchemaCheck) -> Iterator[str]:
    errors = [diagnostic for diagnostic in found.diagnostics if diagnostic.is_error]
    if errors:
        yield render_text(errors)
    changes = (*found.breaking, *found.dangerous)
    if changes:
        yield render_changes_text(changes)
    if found.contracts:
        yield render_contract_changes(found.contracts)
    if found.difference:
        yield found.difference.rstrip("\n")


def check_to_map(found: SchemaCheck, refusals: list[str]) -> dict[str, Any]:
    """Returns the findings as JSON values for tools."""
    return {
        "ok": not refusals,
        "refusals": refusals,
        "diagnostics": render_json(found.diagnostics),
        "breaking": render_changes_json(found.breaking),
        "dangerous": render_changes_json(found.dangerous),
        "events": [asdict(change) for change in found.contracts],
        "stale": [str(path) for path in found.stale],
    }
