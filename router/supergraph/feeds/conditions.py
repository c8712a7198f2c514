"""Which events a feed means: `data.wilaya = $wilaya`, `tenant = viewer.org`, `"orders:read" in viewer.may`.

An operand is a path in the event, an argument of the field (`$name`), a claim of the viewer (`viewer.name`)
or a JSON literal; the operators are `=` and `in`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

_CONDITION = re.compile(
    r'\s*(?P<left>"(?:[^"\\]|\\.)*"|[^\s=]+)\s*(?P<operator>=|\bin\b)\s*(?P<right>"(?:[^"\\]|\\.)*"|[^\s=]+)\s*'
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class Operator(Enum):
    """How two operands are compared."""

    EQUALS = "="
    IN = "in"


class OperandKind(Enum):
    """Where the value of an operand comes from."""

    EVENT = "event"
    ARGUMENT = "argument"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Operand:
    """A value looked up at `path` in the event, in the field's arguments or in the viewer's claims."""

    kind: OperandKind
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the condition itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """`left operator right`, as written in `text`."""

    text: str
    left: Operand | Literal
    operator: Operator
    right: Operand | Literal

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Those of the two that are looked up."""
        return tuple(each for each in (self.left, self.right) if isinstance(each, Operand))


class ConditionError(ValueError):
    """The text is not a condition."""


def parse_condition(text: str) -> Condition:
    """Returns the condition `text` writes; raises ConditionError."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ConditionError(f'{text!r} is not "one = other" or "one in other"')
    left, right = _parse_operand(match["left"]), _parse_operand(match["right"])
    return Condition(text.strip(), left, Operator(match["operator"]), right)


def _parse_operand(text: str) -> Operand | Literal:
    if text.startswith("$"):
        if not _NAME.fullmatch(text[1:]):
            raise ConditionError(f"{text!r} is not an argument")
        return Operand(OperandKind.ARGUMENT, (text[1:],))
    try:
        return Literal(json.loads(text))
    except ValueError:
        pass  # then it is a path
    if not _PATH.fullmatch(text):
        raise ConditionError(f"{text!r} is neither a path nor a JSON literal")
    first, *rest = text.split(".")
    if first == "viewer" and rest:
        return Operand(OperandKind.VIEWER, tuple(rest))
    return Operand(OperandKind.EVENT, (first, *rest))
