"""How the root object is made of an event: `id: subject, product { id: data.product_id }, quantity`.

A name followed by a path takes the value there; a name alone takes the value of that name in the event's
data; a name followed by braces is an object made in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EventPath = tuple[str, ...]

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_.]*)|(?P<mark>[:{}])|,)")
DEPTH_MAX = 8


@dataclass(frozen=True, slots=True)
class FromEvent:
    """A value taken from the event, at `path` in its envelope."""

    path: EventPath


@dataclass(frozen=True, slots=True)
class MappedField:
    """One field of the object: where its value comes from."""

    name: str
    value: FromEvent | ObjectMapping


@dataclass(frozen=True, slots=True)
class ObjectMapping:
    """An object made of an event; `type_name` is known once the mapping is held to the schema."""

    fields: tuple[MappedField, ...]
    type_name: str = ""


class MappingError(ValueError):
    """The text is not a mapping."""


def parse_mapping(text: str) -> ObjectMapping:
    """Returns the mapping `text` writes; raises MappingError."""
    tokens = _tokens(text)
    mapping, rest = _parse_object(tokens, DEPTH_MAX)
    if rest:
        raise MappingError(f"there is a closing brace too many in {text!r}")
    return mapping


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise MappingError(f"{text[position:].strip()[:20]!r} is neither a name nor a path")
        if match["word"] or match["mark"]:
            found.append(match["word"] or match["mark"])
        position = match.end()
    return found


def _parse_object(tokens: list[str], depth: int) -> tuple[ObjectMapping, list[str]]:
    """Returns the object that `tokens` begin with, and what follows it."""
    if depth == 0:
        raise MappingError(f"objects nest deeper than {DEPTH_MAX}")
    fields: list[MappedField] = []
    while tokens and tokens[0] != "}":
        name, *tokens = tokens
        if name in {":", "{"} or "." in name:
            raise MappingError(f"{name!r} stands where a field's name should")
        value: FromEvent | ObjectMapping
        if tokens[:1] == ["{"]:
            value, tokens = _parse_object(tokens[1:], depth - 1)
            if tokens[:1] != ["}"]:
                raise MappingError(f"the braces of {name!r} are not closed")
            tokens = tokens[1:]
        elif tokens[:1] == [":"]:
            if len(tokens) < 2 or tokens[1] in {":", "{", "}"}:
                raise MappingError(f"{name!r} lacks the path after its colon")
            value, tokens = FromEvent(tuple(tokens[1].split("."))), tokens[2:]
        else:
            value = FromEvent(("data", name))
        fields.append(MappedField(name, value))
    if not fields:
        raise MappingError("an object needs a field")
    return ObjectMapping(tuple(fields)), tokens
