"""Reads which question is asked: `python -m benchmarks.gateways [COMMAND] [OPTIONS]`, `--help` after each."""

from __future__ import annotations

import signal
import sys

from benchmarks.gateways import compare, faults, memory, profile, report, scaling
from benchmarks.gateways.catalogue import PeersMissingError
from benchmarks.gateways.load.run import LoadFailedError
from benchmarks.gateways.processes import StartFailedError

COMMANDS = {
    "compare": compare.main,
    "faults": faults.main,
    "memory": memory.main,
    "profile": profile.main,
    "report": report.main,
    "scaling": scaling.main,
}


def main() -> None:
    """Runs the command, or the comparison when none is named."""
    name, *rest = sys.argv[1:] or ["compare"]
    if name.startswith("-"):
        name, rest = "compare", sys.argv[1:]
    if name not in COMMANDS:
        print(f"there is no command {name}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        sys.exit(2)
    # As an exception, the signal ends the gateways and removes the files of the run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        sys.exit(COMMANDS[name](rest))
    except KeyboardInterrupt:
        sys.exit(130)
    except (PeersMissingError, StartFailedError, LoadFailedError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
