"""`python -m zellige.probe URL`: exits with 0 when the URL answers 200. Container images have no curl."""

from __future__ import annotations

import sys
import urllib.request
from urllib.error import URLError

ANSWER_SECONDS_MAX = 3.0


def main(url: str) -> int:
    """Returns the exit code."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310 - the URL is the operator's
            return 0 if answer.status == 200 else 1
    except (URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
