"""INVALID_TAG_NAME: The name of a @tag begins with a letter or _ and has at most 128 letters, digits, _, -
or /.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.elements import elements_of
from router.composition.subgraph.model import Subgraph

_NAME = re.compile(r"[_A-Za-z][-/_0-9A-Za-z]{0,127}\Z")


def invalid_tag_name(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The name of a @tag begins with a letter or _ and has at most 128 letters, digits, _, - or /."""
    for element in elements_of(subgraph):
        for applied in element.all("tag"):
            name = applied.text("name") or ""
            if not _NAME.match(name):
                message = f'"{name}" on "{element.coordinate}" is no valid tag.'
                yield error("INVALID_TAG_NAME", message, [subgraph.at(applied)])
