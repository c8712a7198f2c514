"""The parent process of one engine: runs it, and stops it cleanly when its owner dies or when told to.

It is run by file path under `python -I -S`, so it imports the standard library only and starts in a few
hundredths of a second. An engine that outlived its owner would hold its data directory for ever; a handler
in the owner cannot prevent that, because `kill -9` runs no handler.

The lock file is locked here and the descriptor is inherited by the engine and all its children, so the
lock is free exactly when the last process that could write to the data directory is gone. That is also what
spares PostgreSQL's "pre-existing shared memory block" in a restart right after a crash.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import NoReturn

POLL_SECONDS = 0.2
LOCK_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 20.0
PR_SET_PDEATHSIG = 1
EXIT_LOCKED = 75  # EX_TEMPFAIL: somebody else still runs on this data directory


class StopAsked(BaseException):
    """Raised by the signal handler so that a sleep in progress ends at once."""


def main() -> int:
    """Runs the engine of the command line until it ends, its owner dies or SIGTERM arrives."""
    options = parse_arguments()
    signal.signal(signal.SIGTERM, _ask_to_stop)
    # Ctrl-C reaches every process of the terminal; the owner decides when engines stop, not the keyboard.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    owned_by_parent = os.getppid() == options.owner
    try:
        lock = take_lock(options.lock, options.owner, owned_by_parent)
        if lock is None:
            return EXIT_LOCKED
        if options.process_file:
            discard_process_file_of_zombie(options.process_file)
        engine = start_engine(options, lock)
    except StopAsked:
        return 0
    try:
        while engine.poll() is None and is_alive(options.owner, owned_by_parent):
            time.sleep(POLL_SECONDS)
    except StopAsked:
        pass
    return stop_engine(engine, options.stop_signal)


def parse_arguments() -> argparse.Namespace:
    """Returns the options and, as `command`, the engine's own command line."""
    parser = argparse.ArgumentParser(description="Runs one engine and stops it when its owner dies.")
    parser.add_argument("--owner", type=int, required=True, help="process id whose death ends the engine")
    parser.add_argument("--lock", required=True, help="file locked for as long as the engine lives")
    parser.add_argument("--stop-signal", type=int, required=True, help="signal for a clean, fast stop")
    parser.add_argument("--process-file", help="the engine's own record of its process id")
    parser.add_argument("--user", type=int, help="user id the engine runs as")
    parser.add_argument("--group", type=int, help="group id the engine runs as")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def take_lock(path: str, owner: int, owned_by_parent: bool) -> int | None:
    """Returns the descriptor of the locked file, or None when another engine did not let go in time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    while time.monotonic() < deadline and is_alive(owner, owned_by_parent):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(POLL_SECONDS / 4)
        else:
            return descriptor
    return None


def discard_process_file_of_zombie(path: str) -> None:
    """Removes the process file of a killed engine that nobody has reaped.

    In a container without an init process a killed orphan stays a zombie; to the engine it seems alive, and
    it would refuse to start for ever.
    """
    try:
        with open(path) as file:  # noqa: PTH123 - pathlib is a third of this process's start time
            process_id = file.readline().strip()
        with open(f"/proc/{process_id}/stat") as file:  # noqa: PTH123
            state = file.read().rpartition(")")[2].split()[0]
    except OSError:
        return
    if state == "Z":
        os.unlink(path)  # noqa: PTH108


def start_engine(options: argparse.Namespace, lock: int) -> subprocess.Popen[bytes]:
    """Starts the engine with the lock's descriptor open, as the given user if there is one."""

    def die_with_guardian() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, options.stop_signal)

    return subprocess.Popen(
        options.command,
        stdin=subprocess.DEVNULL,
        pass_fds=(lock,),
        user=options.user,
        group=options.group,
        extra_groups=[] if options.user is not None else None,
        # This process has one thread, so running Python between fork and exec is safe here.
        preexec_fn=die_with_guardian,  # noqa: PLW1509
    )


def stop_engine(engine: subprocess.Popen[bytes], stop_signal: int) -> int:
    """Stops the engine, by force when it does not obey in time, and returns its exit status."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (stop_signal, signal.SIGKILL):
        if engine.poll() is None:
            engine.send_signal(number)
        try:
            return engine.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            continue
    return 1


def is_alive(owner: int, owned_by_parent: bool) -> bool:
    """Says whether the owner still runs; a dead parent is noticed even while nobody has reaped it."""
    if owned_by_parent and os.getppid() != owner:
        return False
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ask_to_stop(_number: int, _frame: object) -> NoReturn:
    raise StopAsked


if __name__ == "__main__":
    sys.exit(main())
