"""A supergraph from a file, for commands that read it once."""

from __future__ import annotations

from pathlib import Path

from router.errors import InvalidSupergraphError
from router.supergraph import Supergraph, load_supergraph
from zellige.errors import CommandFailed


def read_supergraph(path: Path) -> Supergraph:
    """Returns the supergraph of an SDL file; raises CommandFailed with what is wrong with it."""
    try:
        return load_supergraph(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except InvalidSupergraphError as error:
        raise CommandFailed(f"{path} is not a supergraph: {error}") from error
