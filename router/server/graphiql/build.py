"""Building the page with Node: `npm ci`, then vite."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

from router.server.graphiql.built import PROJECT, is_build_fresh

NODE_MAJOR_MIN = 20
_STEP_TIMEOUT_S = 600

Progress = Callable[[str], None]


class GraphiqlBuildError(Exception):
    """Node is missing or too old, or one of its steps failed; the message holds the end of its output."""


def build_graphiql(progress: Progress = lambda _message: None, *, force: bool = False) -> bool:
    """Builds the page unless it is fresh; returns whether anything was built. Raises GraphiqlBuildError."""
    if not force and is_build_fresh():
        progress("GraphiQL is built and fresh")
        return False
    _require_node()
    progress("Installing GraphiQL's packages (npm ci)")
    _run("npm", "ci", "--no-audit", "--no-fund")
    progress("Building GraphiQL (vite)")
    _run("npx", "--no-install", "vite", "build", "--logLevel", "error")
    progress("GraphiQL is built")
    return True


def why_not_buildable() -> str | None:
    """Returns why the page cannot be built here; None when it can."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"Node {NODE_MAJOR_MIN} or newer, with npm, is not on the PATH"
    version = subprocess.run(  # noqa: S603 - a fixed command
        [node, "--version"], capture_output=True, text=True, check=False, timeout=30
    ).stdout
    major = version.strip().removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < NODE_MAJOR_MIN:
        return f"Node {version.strip() or '?'} is older than {NODE_MAJOR_MIN}"
    return None


def _require_node() -> None:
    reason = why_not_buildable()
    if reason is not None:
        raise GraphiqlBuildError(reason)


def _run(*command: str) -> None:
    program = shutil.which(command[0])
    assert program is not None, "_require_node has found it"
    try:
        done = subprocess.run(  # noqa: S603 - every command is written above
            [program, *command[1:]],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_STEP_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise GraphiqlBuildError(f"{' '.join(command)} took longer than {_STEP_TIMEOUT_S} s") from error
    if done.returncode != 0:
        raise GraphiqlBuildError(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout)[-2000:]}")
