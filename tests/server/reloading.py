"""A standalone router in this process, over a supergraph file that tests change."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from router.config import RouterConfig
from tests.server.serving import Served, listen
from tests.support.run_router import compose
from zellige.assembly.standalone import Standalone, StandaloneOptions, assemble_standalone

SHOP = "type Query { name: String price: Int }"
STOCK = "type Query { stock: Int }"


def supergraph_of(subgraphs: Mapping[str, str]) -> str:
    """Returns the supergraph of plain schemas."""
    link = '\nextend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
    sdl = compose({name: text + link for name, text in subgraphs.items()}).supergraph_sdl
    assert sdl is not None
    return sdl


def replace_file(path: Path, text: str) -> None:
    """Puts another file in the place of the old one, in one step."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    os.replace(beside, path)  # noqa: PTH105 - the step is what matters


@dataclass(slots=True)
class Reloading:
    """A running router and the file it watches."""

    served: Served
    standalone: Standalone
    path: Path

    def put(self, text: str) -> None:
        """Puts another supergraph into the file and has it looked at."""
        replace_file(self.path, text)
        self.standalone.watch.look_now()


@contextlib.asynccontextmanager
async def run_standalone(path: Path, urls: Mapping[str, str], **settings: object) -> AsyncIterator[Reloading]:
    """Serves the supergraph of the file while the block runs."""
    config = RouterConfig.model_validate({"logging": {"access_log": False}, **settings})
    standalone = assemble_standalone(StandaloneOptions(config, str(path), urls))
    pages = standalone.app.pages
    async with pages.router.lifespan_context(pages), listen(standalone.app) as port:
        yield Reloading(Served(port), standalone, path)
