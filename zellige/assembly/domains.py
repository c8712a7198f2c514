"""Loading the domains the supergraph file names: their code is found by module name, never imported here."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.auth.keys import public_jwks, read_signing_key
from subgraphs.kit.settings import KitSettings
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed

Ports = Mapping[str, Any]


def pick_domains(entries: Iterable[SubgraphEntry], name: str | None = None) -> tuple[SubgraphEntry, ...]:
    """Returns the entries that have code of their own, or the one of that name."""
    own = tuple(entry for entry in entries if entry.module is not None)
    if name is None:
        return own
    found = tuple(entry for entry in own if entry.name == name)
    if not found:
        raise CommandFailed(
            f"There is no subgraph {name!r}; there are {', '.join(entry.name for entry in own)}"
        )
    return found


def create_domain(entry: SubgraphEntry, settings: KitSettings, ports: Ports | None = None) -> SubgraphApp:
    """Returns the domain's app; of the ports on offer it receives those its `create_app` names."""
    assert entry.module is not None, "pick_domains leaves entries without code out"
    create_app = importlib.import_module(entry.module).create_app
    wanted = inspect.signature(create_app).parameters
    return create_app(settings, **{name: port for name, port in (ports or {}).items() if name in wanted})


def settings_with_own_keys() -> KitSettings:
    """Returns the environment's settings; a signing key without `jwks` brings its public part along."""
    settings = KitSettings()
    if settings.jwks is None and settings.signing_key is not None:
        key = read_signing_key(settings.signing_key)
        return settings.model_copy(update={"jwks": json.dumps(public_jwks(key.public_key()))})
    return settings
