"""Reads @cacheTag: where it is, and what its format refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from router.composition.subgraph.model import Applied, Field, Kind, Subgraph, TypeDefinition

_REFERENCE = re.compile(r"\$(args|key)((?:\.[_A-Za-z]\w*)+)\Z")


@dataclass(frozen=True, slots=True, eq=False)
class CacheTag:
    """One @cacheTag; without a field it is on the type itself."""

    holder: TypeDefinition
    field: Field | None
    applied: Applied

    @property
    def format(self) -> str:
        return self.applied.text("format") or ""


def cache_tags(subgraph: Subgraph) -> Iterator[CacheTag]:
    """Every @cacheTag of the subgraph."""
    for definition in subgraph.types.values():
        if definition.kind is Kind.OBJECT:
            for applied in definition.all("cacheTag"):
                yield CacheTag(definition, None, applied)
            for field in definition.fields.values():
                for applied in field.all("cacheTag"):
                    yield CacheTag(definition, field, applied)


def parse_format(text: str) -> list[tuple[str, tuple[str, ...]]] | None:
    """The references of a format as (args or key, path), or None when it is malformed."""
    found = []
    position = 0
    while (opening := text.find("{", position)) >= 0:
        closing = text.find("}", opening)
        if "}" in text[position:opening] or closing < 0:
            return None
        reference = _REFERENCE.match(text[opening + 1 : closing].strip())
        if reference is None:
            return None
        found.append((reference.group(1), tuple(reference.group(2)[1:].split("."))))
        position = closing + 1
    return None if "}" in text[position:] else found
