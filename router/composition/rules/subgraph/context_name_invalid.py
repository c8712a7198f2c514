"""CONTEXT_NAME_INVALID: A context's name has letters and digits only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")


def context_name_invalid(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A context's name has letters and digits only."""
    for definition in subgraph.types.values():
        for applied in definition.all("context"):
            name = applied.text("name") or ""
            if not _NAME.match(name):
                message = f'"{name}" on "{definition.name}" is no valid name of a context.'
                yield error("CONTEXT_NAME_INVALID", message, [subgraph.at(applied)])
