"""OVERRIDE_LABEL_INVALID: The label of an @override is percent(0-100) or a name that begins with a letter.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*\Z")
_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)\Z")


def override_label_invalid(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The label of an @override is percent(0-100) or a name that begins with a letter."""
    for _, field in subgraph.fields():
        for applied in field.all("override"):
            label = applied.text("label")
            if label is not None and not _is_label(label):
                message = f'"{label}" on "{field.coordinate}" is no valid label of an @override.'
                yield error("OVERRIDE_LABEL_INVALID", message, [subgraph.at(applied)])


def _is_label(label: str) -> bool:
    percent = _PERCENT.match(label)
    return float(percent.group(1)) <= 100 if percent else bool(_NAME.match(label))
