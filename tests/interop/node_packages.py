"""Packages of the npm registry for tests that compare with other programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL_TIMEOUT_S = 300
thorough = pytest.mark.skipif(
    not os.environ.get("ZELLIGE_INTEROP"),
    reason="longer than the ordinary run allows; `make interop` runs it",
)

_NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "ENOTCACHED")


def require_packages(project: Path) -> str:
    """Returns the path of Node with the project's packages installed.

    Skips the test without Node or without a network; fails it when npm fails for any other reason.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node and npm are not on the PATH")
    if _is_installed(project):
        return node
    done = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_TIMEOUT_S,
    )
    output = done.stdout + done.stderr
    if done.returncode != 0 and any(sign in output for sign in _NO_NETWORK):
        pytest.skip("the npm registry cannot be reached")
    assert done.returncode == 0, f"npm ci failed in {project}:\n{output[-2000:]}"
    return node


def _is_installed(project: Path) -> bool:
    """Tells whether the installed packages are those of the lock file, as npm itself notes it."""
    installed = project / "node_modules" / ".package-lock.json"
    lock = project / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime
