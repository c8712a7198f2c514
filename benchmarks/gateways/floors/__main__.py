"""Serves one floor by uvicorn: `python -m benchmarks.gateways.floors NAME PORT SUBGRAPHS_URL`."""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

import uvicorn

from benchmarks.gateways.floors.applications import FLOORS
from benchmarks.gateways.floors.client import Upstream


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways.floors", description=__doc__)
    parser.add_argument("name", choices=sorted(FLOORS))
    parser.add_argument("port", type=int)
    parser.add_argument("subgraphs_url", help="http://127.0.0.1:PORT/WORLD")
    arguments = parser.parse_args()
    url = urlsplit(arguments.subgraphs_url)
    assert url.port is not None, "the subgraphs' address names its port"
    port = url.port
    application = FLOORS[arguments.name](lambda name: Upstream(port, f"{url.path}/{name}"))
    # As `zellige router` calls it, so that both stand on the same server.
    uvicorn.run(application, host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
