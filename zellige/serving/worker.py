"""A worker process: `python -m zellige.serving.worker`, started by `workers`."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from zellige.console import say
from zellige.errors import CommandFailed
from zellige.serving.plan import ServingPlan
from zellige.serving.process import Parent, serve_process

SIGN_OF_LIFE = b"\n"
SIGN_EVERY_S = 1.0


def main() -> int:
    """Serves as one of several; returns the exit code."""
    options = _parse_arguments()
    listener = socket.socket(fileno=options.listener) if options.listener is not None else None
    plan = ServingPlan.from_json(options.plan, listener)
    with socket.socket(fileno=options.link) as link:
        try:
            serve_process(plan, _parent_over(link), options.number)
        except CommandFailed as failure:
            say(f"worker {options.number}: {failure}")
            return 1
    return 0


def _parent_over(link: socket.socket) -> Parent:
    """Returns the parent at the other end of the link.

    The URL and then a new line each second tell it that we listen and live; the link's end, that it is gone.
    """

    def tell(url: str) -> None:
        link.sendall(url.encode() + SIGN_OF_LIFE)

    def watch(end: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def on_readable() -> None:
            loop.remove_reader(link)
            end()

        def live() -> None:
            with suppress(OSError):  # a parent that is busy or gone is seen elsewhere
                link.send(SIGN_OF_LIFE, socket.MSG_DONTWAIT)
            loop.call_later(SIGN_EVERY_S, live)

        loop.add_reader(link, on_readable)
        loop.call_later(SIGN_EVERY_S, live)

    return Parent(tell, watch)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One worker of `zellige router --workers N`.")
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--plan", required=True, help="what to serve, as JSON")
    parser.add_argument("--link", type=int, required=True, help="descriptor of the link to the parent")
    parser.add_argument("--listener", type=int, help="descriptor of the shared socket, if there is one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
