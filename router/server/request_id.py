"""The id that ties a response, its errors and the log lines together."""

from __future__ import annotations

import re
from random import Random

_SANE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
# An id has to be new, not secret: no system call for each. Seeded by the system, anew in every process.
_draw = Random().getrandbits  # noqa: S311


def choose_request_id(offered: str | None) -> str:
    """Returns the client's id when it is short and plain (it cannot forge log lines), else a new one."""
    if offered is not None and _SANE.fullmatch(offered):
        return offered
    return f"{_draw(128):032x}"
