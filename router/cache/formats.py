"""Texts with values in them: `product-{$key.id}`, `order-{$args.id}`, `{$event.subject}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PLACE = re.compile(r"\{\s*\$(args|key|result|event)((?:\.[_A-Za-z]\w*)+)\s*\}")
VALUE_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True)
class Reference:
    """A value: `source` is args, key, result or event, `path` leads to it."""

    source: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A text with values in it; `parts` are its texts and the references between them."""

    text: str
    parts: tuple[str | Reference, ...]

    @classmethod
    def parse(cls, text: str) -> Format:
        """Returns the format; what is no reference stands for itself."""
        parts: list[str | Reference] = []
        position = 0
        for match in _PLACE.finditer(text):
            if match.start() > position:
                parts.append(text[position : match.start()])
            parts.append(Reference(match.group(1), tuple(match.group(2)[1:].split("."))))
            position = match.end()
        if position < len(text):
            parts.append(text[position:])
        return cls(text, tuple(parts))

    def render(self, values: Mapping[str, Any]) -> str | None:
        """Returns the text with the values of each source in it; None when one is missing or no scalar."""
        found: list[str] = []
        for part in self.parts:
            text = part if isinstance(part, str) else scalar_text(_at(values.get(part.source), part.path))
            if text is None:
                return None
            found.append(text)
        return "".join(found)

    def could_be(self, text: str) -> bool:
        """Whether some values make this text of the format, in time linear in the text."""
        texts = [part for part in self.parts if isinstance(part, str)]
        if len(texts) == len(self.parts):
            return text == "".join(texts)
        if isinstance(self.parts[-1], str):
            if not text.endswith(texts.pop()):
                return False
            text = text[: len(text) - len(self.parts[-1])]
        if texts and isinstance(self.parts[0], str):
            first = texts.pop(0)
            if not text.startswith(first):
                return False
            text = text[len(first) :]
        position = 0
        for part in texts:
            position = text.find(part, position)
            if position < 0:
                return False
            position += len(part)
        return True


def scalar_text(value: Any) -> str | None:
    """Returns a scalar as the text that stands for it in tags and keys: 1 and "1" are the same ID."""
    if isinstance(value, str):
        return value if len(value) <= VALUE_LENGTH_MAX else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
