"""Watching the code from before the first start, so that no change made meanwhile is missed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from watchfiles import PythonFilter, watch

LOOK_FOR_END_MS = 500
END_SECONDS_MAX = 5.0
NOT_PYTHON = (".yaml", ".graphql")


class CodeWatch:
    """Collects changes of Python, YAML and GraphQL files below some directories, in a thread of its own."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = directories
        self._changes: queue.SimpleQueue[set[Path]] = queue.SimpleQueue()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._collect, daemon=True)

    def __enter__(self) -> CodeWatch:
        if self._directories:
            self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS_MAX)

    def wait(self, seconds: float) -> set[Path]:
        """Returns the files changed since the last call, or none after the given time."""
        try:
            changed = self._changes.get(timeout=seconds)
        except queue.Empty:
            return set()
        while not self._changes.empty():
            changed |= self._changes.get()
        return changed

    def _collect(self) -> None:
        for changes in watch(
            *self._directories,
            watch_filter=PythonFilter(extra_extensions=NOT_PYTHON),
            stop_event=self._end,
            rust_timeout=LOOK_FOR_END_MS,
            raise_interrupt=False,
        ):
            self._changes.put({Path(path) for _, path in changes})
