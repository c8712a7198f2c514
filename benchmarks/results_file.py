"""Where the benchmarks leave their figures."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def write_results(name: str, figures: Any) -> Path:
    """Writes the figures of one run with what it ran on; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    ran_on = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    content = {"ran_on": ran_on, "figures": figures}
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
