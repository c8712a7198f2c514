"""`python -m router.server.graphiql build` builds the page; `status` says what would be served."""

from __future__ import annotations

import argparse
import sys

from router.server.graphiql.build import GraphiqlBuildError, build_graphiql, why_not_buildable
from router.server.graphiql.built import is_build_fresh


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m router.server.graphiql")
    parser.add_argument("command", choices=["build", "status"])
    parser.add_argument("--force", action="store_true", help="build also when the build is fresh")
    options = parser.parse_args(arguments)
    if options.command == "status":
        _say("built and fresh" if is_build_fresh() else f"not built: {why_not_buildable() or 'run build'}")
        return 0
    try:
        build_graphiql(_say, force=options.force)
    except GraphiqlBuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
