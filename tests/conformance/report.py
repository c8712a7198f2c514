"""Prints how the conformance suites stand: `python -m tests.conformance.report [suite] [index] [-v]`.

Without -v one line per failing operation; with -v the operation, its plan, its fetches and what the
subgraphs complained of. `--way given|composed` runs only one of the two ways, `--all` shows passing ones too.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import traceback
from collections.abc import Iterator

from tests.support import conformance
from tests.support.run_router import Request


async def check(operation: conformance.ConformanceOperation, way: str, *, detailed: bool) -> tuple[bool, str]:
    """Returns whether one operation passes, and what to print about it."""
    try:
        answer = await conformance.router_of(operation.suite, way).execute(Request(operation.query))
    except Exception as error:  # noqa: BLE001 - one broken operation must not hide the rest of the report
        text = traceback.format_exc() if detailed else f"{type(error).__name__}: {error}"
        return False, text
    mismatches = operation.mismatches(answer)
    if detailed:
        return not mismatches, "\n".join([*mismatches, conformance.explain(operation, way, answer)])
    first_error = answer.errors[0].get("message", "") if answer.errors else "other data"
    complaint = f" | {answer.complaints[0]}" if answer.complaints else ""
    return not mismatches, f"{first_error}{complaint}"


def chosen(suite: str | None, index: int | None) -> Iterator[conformance.ConformanceOperation]:
    """Yields the operations asked for."""
    for name in conformance.suites():
        if suite in (None, name):
            yield from (each for each in conformance.operations(name) if index in (None, each.index))


def write(line: str) -> None:
    """Writes a line at once, for a reader who waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def report(arguments: argparse.Namespace) -> None:
    """Runs and prints the chosen operations."""
    detailed = arguments.verbose
    for way in (arguments.way,) if arguments.way else conformance.WAYS:
        passed = total = 0
        for operation in chosen(arguments.suite, arguments.index):
            total += 1
            good, text = asyncio.run(check(operation, way, detailed=detailed))
            passed += good
            if not good or arguments.all:
                text = text if detailed else text.splitlines()[0][:200]
                verdict = "pass" if good else "FAIL"
                write(f"{verdict} {way} {operation.suite} {operation.index}: {text}")
        write(f"conformance {way}: {passed}/{total}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.report")
    parser.add_argument("suite", nargs="?")
    parser.add_argument("index", nargs="?", type=int)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--way", choices=conformance.WAYS)
    parser.add_argument("--all", action="store_true")
    report(parser.parse_args())


if __name__ == "__main__":
    main()
