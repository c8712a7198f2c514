"""What a template may hold: variables, filters of a list, conditions, and loops over a variable.

No calls, no arithmetic, no macros, no includes, and of a value only its own fields. So a template ends soon,
grows no larger than its bound, and reaches nothing it was not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from subgraphs.notifications.service.templates.filters import FILTERS

SOURCE_LENGTH_MAX = 50_000
LOOP_DEPTH_MAX = 2

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)
_TESTS = ("defined", "undefined", "none", "odd", "even", "equalto", "in", "eq", "ne", "gt", "lt", "ge", "le")
_LOOP_FIELDS = frozenset({"index", "index0", "first", "last", "length"})


class ForbiddenTemplateError(Exception):
    """The template holds something templates may not; `line` is where."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class TemplateLanguage(ImmutableSandboxedEnvironment):
    """Jinja2, less."""

    def __init__(self, *, is_html: bool) -> None:
        super().__init__(
            autoescape=is_html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, cache_size=0
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update(FILTERS)
        self.tests = {name: self.tests[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Returns the field of a mapping, or what a loop tells of itself; nothing has attributes."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in _LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Returns the entry of a mapping or list."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))


def refuse_forbidden(tree: nodes.Template) -> None:
    """Raises ForbiddenTemplateError for the first thing a template may not hold."""
    _refuse_below(tree, 0)


def _refuse_below(node: nodes.Node, loops: int) -> None:
    for child in node.iter_child_nodes():
        line = child.lineno if isinstance(child.lineno, int) else None
        # `self` is the template, not a variable.
        if not isinstance(child, _ALLOWED) or (isinstance(child, nodes.Name) and child.name == "self"):
            raise ForbiddenTemplateError(f"A template may not use `{type(child).__name__.lower()}`", line)
        if isinstance(child, nodes.For):
            if child.recursive or loops >= LOOP_DEPTH_MAX:
                raise ForbiddenTemplateError(f"Loops are nested at most {LOOP_DEPTH_MAX} deep", line)
            _refuse_below(child, loops + 1)
        else:
            _refuse_below(child, loops)
