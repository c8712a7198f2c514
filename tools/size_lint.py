"""Refuses functions over 70 lines, files over 500, and file names that say nothing.

A function or a file may be longer when a comment on its first line gives the reason:
`# lint-skip: size (reason)`. For a function the comment stands on the line of its `def`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
EMPTY_NAMES = frozenset({"utils", "helpers", "common", "manager", "factory", "misc", "info", "data"})
SKIP = re.compile(r"#\s*lint-skip:\s*size\s*\((?P<reason>[^)]+)\)")
SKIPPED_FOLDERS = frozenset({".venv", ".tools", "node_modules", "__pycache__", "dist", ".zellige"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is too long or named after nothing."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def main(arguments: list[str]) -> int:
    """Prints what it finds under the given folders and returns the exit code."""
    findings = [
        finding
        for folder in arguments or ["."]
        for path in python_files(Path(folder))
        for finding in lint(path)
    ]
    for finding in findings:
        print(finding)  # noqa: T201 - a command prints
    return 1 if findings else 0


def python_files(folder: Path) -> Iterator[Path]:
    """Yields the Python files of a folder, in order, generated and installed ones left out."""
    if folder.is_file():
        yield folder
        return
    for path in sorted(folder.rglob("*.py")):
        if not SKIPPED_FOLDERS.intersection(path.parts):
            yield path


def lint(path: Path) -> Iterator[Finding]:
    """Yields what is wrong with one file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    if path.stem in EMPTY_NAMES or (path.name == "__init__.py" and path.parent.name in EMPTY_NAMES):
        yield Finding(path, 1, "the name says nothing; name the file after the one idea it holds")
    if len(lines) > FILE_LINES_MAX and not SKIP.search(lines[0]):
        yield Finding(path, 1, f"the file has {len(lines)} lines, {FILE_LINES_MAX} are allowed")
    for node in ast.walk(ast.parse(source, str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _lint_function(path, node, lines)


def _lint_function(
    path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]
) -> Iterator[Finding]:
    assert node.end_lineno is not None, "ast.parse gives every statement its end"
    length = node.end_lineno - node.lineno + 1
    if length > FUNCTION_LINES_MAX and not SKIP.search(lines[node.lineno - 1]):
        yield Finding(path, node.lineno, f"{node.name} has {length} lines, {FUNCTION_LINES_MAX} are allowed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
