"""The gateways: how each is started over a supergraph, and what it can be asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE / "peers"
NODE = PEERS / "node_modules/node/bin/node"
HIVE = PEERS / "node_modules/@graphql-hive/gateway/dist/bin.js"


class PeersMissingError(Exception):
    """The packages of the npm registry could not be installed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a gateway is started with; `subgraphs_url` is the base of the subgraphs' addresses."""

    supergraph: Path
    port: int
    subgraphs_url: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway. `operations` are those it can answer, all of them when empty."""

    name: str
    about: str
    command: Callable[[Setting], list[str]]
    operations: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset({"unique", "same"})
    is_peer: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def answers(self, operation: str, mode: str) -> bool:
        """Tells whether it takes part in an operation and mode."""
        return mode in self.modes and (not self.operations or operation in self.operations)


def zellige_command(config: str, moved: Mapping[str, str] | None = None) -> Callable[[Setting], list[str]]:
    """Returns what starts our router with a file of `configs/`; `moved` subgraphs answer elsewhere."""

    def command(setting: Setting) -> list[str]:
        urls = {name: f"{setting.subgraphs_url}/{name}" for name in setting.names} | dict(moved or {})
        return [
            *(sys.executable, "-m", "zellige", "router", "--supergraph", str(setting.supergraph)),
            *("--config", str(HERE / "configs" / config), "--port", str(setting.port)),
            *(f"--subgraph-url={name}={url}" for name, url in urls.items()),
        ]

    return command


def _floor(name: str) -> Callable[[Setting], list[str]]:
    return lambda setting: [
        *(sys.executable, "-m", "benchmarks.gateways.floors", name),
        *(str(setting.port), setting.subgraphs_url),
    ]


def _apollo(setting: Setting) -> list[str]:
    return [str(NODE), str(PEERS / "apollo.mjs"), str(setting.supergraph), str(setting.port)]


def _hive(*options: str) -> Callable[[Setting], list[str]]:
    return lambda setting: [
        *(str(NODE), str(HIVE), "supergraph", str(setting.supergraph), "--port", str(setting.port)),
        *("--host", "127.0.0.1", "--config-path", str(PEERS / "gateway.config.mjs"), *options),
    ]


_PRODUCTION = {"NODE_ENV": "production"}
GATEWAYS = {
    gateway.name: gateway
    for gateway in (
        Gateway("zellige", "our router as it comes, without access log", zellige_command("zellige.yaml")),
        Gateway(
            "zellige-telemetry",
            "the same with metrics, traces and access log",
            zellige_command("zellige-telemetry.yaml"),
            frozenset({"public", "one-field"}),
            frozenset({"unique"}),
        ),
        Gateway(
            "apollo-gateway",
            "@apollo/gateway and @apollo/server",
            _apollo,
            is_peer=True,
            environment=_PRODUCTION,
        ),
        Gateway(
            "hive-gateway",
            "@graphql-hive/gateway, compiled documents, de-duplication",
            _hive("--jit"),
            is_peer=True,
            environment=_PRODUCTION,
        ),
        Gateway(
            "hive-gateway-rust-planner",
            "the same with @graphql-hive/router-runtime, with which --jit answers null",
            _hive("--hive-router-runtime"),
            is_peer=True,
            environment=_PRODUCTION,
        ),
        Gateway(
            "floor-structs",
            "the public plan written by hand: uvicorn, own client, one msgspec Struct for each selection",
            _floor("structs"),
            frozenset({"public"}),
            frozenset({"unique"}),
        ),
        Gateway(
            "floor-fetches",
            "uvicorn and the fetches only, no JSON work",
            _floor("fetches"),
            frozenset({"public", "one-field"}),
            frozenset({"unique"}),
        ),
        Gateway(
            "floor-deduplicated",
            "floor-structs, executing once what is asked at the same time",
            _floor("deduplicated"),
            frozenset({"public"}),
            frozenset({"same"}),
        ),
    )
}


def install_peers() -> None:
    """Installs the peers and their Node.js where that is not done; raises PeersMissingError."""
    installed, lock = PEERS / "node_modules/.package-lock.json", PEERS / "package-lock.json"
    if NODE.exists() and installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise PeersMissingError(
            "npm is not on the PATH: install Node.js, or leave the peers out (--no-peers)"
        )
    print("installing the gateways of the npm registry, about a minute ...", flush=True)
    done = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"], cwd=PEERS, check=False, capture_output=True, text=True
    )
    if done.returncode != 0 or not NODE.exists():
        raise PeersMissingError(f"npm ci failed in {PEERS}:\n{done.stderr[-2000:]}")
    os.utime(installed)
