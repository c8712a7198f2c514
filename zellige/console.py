"""The two streams of a command: results on standard output, everything said about them on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# Rich colours a terminal only, and honours NO_COLOR.
speech = Console(stderr=True, highlight=False, soft_wrap=True)


def write_result(text: str) -> None:
    """Writes a command's result as it is, for pipes and files."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def say(message: str, style: str | None = None) -> None:
    """Says something to the person; the text is not read as markup."""
    speech.print(message, style=style, markup=False)


@contextmanager
def progress(activity: str) -> Iterator[None]:
    """Shows that something longer than a blink goes on; one line when there is no terminal."""
    if not speech.is_terminal:
        say(f"{activity} ...")
        yield
        return
    with speech.status(f"{activity} ..."):
        yield
