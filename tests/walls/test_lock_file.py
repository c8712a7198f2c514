from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_everything_locked_comes_from_the_python_package_index() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
