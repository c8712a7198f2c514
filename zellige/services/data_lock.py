"""One owner per data directory: a second one is told who the first is."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that uses a data directory and, once it serves, its address."""

    process_id: int | None
    url: str | None


class DataInUseError(Exception):
    """Another process uses this data directory."""

    def __init__(self, directory: Path, holder: Holder) -> None:
        who = f"process {holder.process_id}" if holder.process_id else "another process"
        where = f" and serves {holder.url}" if holder.url else ""
        super().__init__(
            f"{who} already uses {directory}{where}. "
            "Stop it first, or give this one its own directory: --data DIR"
        )
        self.holder = holder


class DataLock:
    """Holds a data directory; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "owner.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Takes the directory or raises DataInUseError."""
        self._directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise DataInUseError(self._directory, self._read_holder()) from None
        self._descriptor = descriptor
        self.announce(None)

    def announce(self, url: str | None) -> None:
        """Writes who holds the directory, for the message of the one who comes second."""
        assert self._descriptor is not None, "only a held lock can be announced"
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps({"process_id": os.getpid(), "url": url}).encode(), 0)

    def release(self) -> None:
        """Lets go of the directory; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _read_holder(self) -> Holder:
        try:
            return Holder(**json.loads(self._path.read_text()))
        except (json.JSONDecodeError, TypeError):  # the holder is just writing it
            return Holder(None, None)
