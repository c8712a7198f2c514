"""What a run ran on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.gateways.catalogue import NODE, PEERS


def machine() -> dict[str, Any]:
    """Returns what the run ran on; the load says whether others worked on the machine too."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "node": _node_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": [round(each, 2) for each in os.getloadavg()],
        "peers": json.loads((PEERS / "package.json").read_text("utf-8"))["dependencies"],
    }


def _node_version() -> str | None:
    if not NODE.exists():
        return None
    return subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
