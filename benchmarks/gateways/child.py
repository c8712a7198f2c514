"""What a new process does before it becomes another program: stay on given cores, end when we end."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here, because between fork and exec nothing may be loaded any more.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def child_on(cores: frozenset[int]) -> Callable[[], None]:
    """Returns what a new process calls first; without cores it may run on any."""

    def prepare() -> None:
        if _LIBC is not None:
            # Else a run that is killed would leave its gateways behind.
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)

    return prepare
