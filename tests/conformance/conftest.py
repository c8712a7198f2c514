"""Sums the conformance run up in one line per way, with the operations that failed."""

from __future__ import annotations

import re

import pytest

ITEM = re.compile(r"test_operation_is_answered_as_expected\[(given|composed)-(.+)-(\d+)\]")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints "conformance given: 130/137", from reports, so that it holds for distributed runs too."""
    passed: dict[str, int] = {}
    failed: dict[str, list[str]] = {}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            match = ITEM.search(report.nodeid)
            if match is None:
                continue
            way, suite, index = match.groups()
            if outcome == "passed":
                passed[way] = passed.get(way, 0) + 1
            else:
                failed.setdefault(way, []).append(f"{suite} {index}")
    for way in sorted({*passed, *failed}):
        missing = failed.get(way, [])
        total = passed.get(way, 0) + len(missing)
        terminalreporter.write_line(f"conformance {way}: {passed.get(way, 0)}/{total}")
        for operation in missing:
            terminalreporter.write_line(f"  fails: {operation}")
