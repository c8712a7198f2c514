"""The `.case` format: plain text in sections opened by `--- name`.

`about` says why the case exists. The input sections: `schema` (the name of a file in a `schemas` folder
above the case) or `subgraph:<name>` sections; `contract` (lines `include: TAG, ...`, `exclude: TAG, ...`,
`keep unreachable types`); `operation`, `variables`, `data`. All others are expected output: `diagnostics`,
`supergraph`, `plan`, `response`, `fetches` and what a room adds. An expected section left empty is filled by
`pytest --accept`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "--- "
INPUTS = ("about", "schema", "contract", "operation", "variables", "data", "opt-out")


@dataclass(frozen=True, slots=True)
class Case:
    """One case file, read."""

    path: Path
    sections: Mapping[str, str]

    @property
    def subgraphs(self) -> dict[str, str]:
        """The subgraph SDLs by name, the case's own or those of the schema it names."""
        prefix = "subgraph:"
        return {
            name.removeprefix(prefix): text
            for name, text in self.inherited().items()
            if name.startswith(prefix)
        }

    @property
    def expected(self) -> list[str]:
        """The names of the expected sections, in the order of the file."""
        return [name for name in self.sections if name not in INPUTS and not name.startswith("subgraph:")]

    def inherited(self) -> dict[str, str]:
        """Returns the sections with those of the named schema under them."""
        name = self.sections.get("schema", "").strip()
        if not name:
            return dict(self.sections)
        for folder in self.path.parents:
            path = folder / "schemas" / name
            if path.is_file():
                return {**read_sections(path), **self.sections}
        raise FileNotFoundError(f"{self.path}: no schemas/{name} in a folder above")

    def json(self, name: str) -> Any:
        """Returns a JSON section, an empty object where there is none."""
        return json.loads(self.inherited().get(name, "").strip() or "{}")

    def opted_out(self, check: str) -> bool:
        """Whether the case opts out of a check: a line `check: reason (issue number)`."""
        return any(line.startswith(f"{check}:") for line in self.sections.get("opt-out", "").splitlines())


def read_sections(path: Path) -> dict[str, str]:
    """Returns the sections of a file in order."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(MARK):
            name = line.removeprefix(MARK).strip()
            assert name not in sections, f"{path}: two sections {name!r}"
            lines = sections[name] = []
        else:
            assert sections or not line.strip(), f"{path}: text before the first section"
            lines.append(line)
    return {name: "\n".join(text).strip("\n") for name, text in sections.items()}


def read_case(path: Path) -> Case:
    """Reads a case file."""
    case = Case(path, read_sections(path))
    assert case.sections.get("about", "").strip(), f"{path}: every case says in `about` why it exists"
    assert case.expected, f"{path}: a case without an expected section checks nothing"
    return case


def case_files(folder: Path) -> list[Path]:
    """Returns the case files of a folder, in order."""
    return sorted(folder.rglob("*.case"))


def faults_of_folder(folder: Path) -> Iterator[str]:
    """Yields what does not belong: an empty folder, a file that is neither a case nor a named schema."""
    if not case_files(folder):
        yield f"{folder} holds no case"
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not any(path.iterdir()):
            yield f"{path} is empty"
        elif path.is_file() and path.suffix != ".case" and path.parent.name != "schemas":
            yield f"{path} is no case"


def check_case(case: Case, produce: Callable[[Case, str], str], *, accept: bool) -> None:
    """Compares every expected section with what is produced for it, or writes it into the file."""
    produced = {name: produce(case, name).strip("\n") for name in case.expected}
    changed = {name for name, text in produced.items() if text != case.sections[name]}
    if not changed:
        return
    if accept:
        write_case(case.path, {**case.sections, **produced})
        return
    differences = (difference(name, case.sections[name], produced[name]) for name in sorted(changed))
    raise AssertionError(
        "\n".join([str(case.path), *differences, f"to accept: pytest --accept -k {case.path.stem}"])
    )


def difference(name: str, expected: str, produced: str) -> str:
    """Returns a unified diff of one section."""
    lines = difflib.unified_diff(
        expected.splitlines(), produced.splitlines(), f"{name} (expected)", f"{name} (produced)", lineterm=""
    )
    return "\n".join(lines)


def write_case(path: Path, sections: Mapping[str, str]) -> None:
    """Writes the sections as a case file."""
    path.write_text(case_text(sections), "utf-8")


def case_text(sections: Mapping[str, str]) -> str:
    """Returns the sections as the text of a case file."""
    return "\n\n".join(f"{MARK}{name}\n{text}".rstrip("\n") for name, text in sections.items()) + "\n"
