"""Python source under construction, and the names it may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any


class Source:
    """Lines of generated code, indented by blocks; `names` are what it sees besides its own variables."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0
        self._numbers = count()
        self._hoisted: dict[str, str] = {}

    def add(self, line: str) -> None:
        """Adds a line at the present depth."""
        self._lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Adds `head` and what is added within, one deeper; an empty block passes."""
        self.add(head)
        before = len(self._lines)
        self._depth += 1
        yield
        if len(self._lines) == before:
            self.add("pass")
        self._depth -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """Adds a function; what is hoisted within stands at its beginning."""
        with self.block(f"def {head}:"):
            first = len(self._lines)
            yield
            lines = [f"    {name} = {expression}" for expression, name in self._hoisted.items()]
            self._lines[first:first] = lines
            self._hoisted.clear()

    def hoist(self, expression: str) -> str:
        """Returns a variable that holds `expression` from the beginning of the function on."""
        if expression not in self._hoisted:
            self._hoisted[expression] = self.fresh("h")
        return self._hoisted[expression]

    def fresh(self, stem: str) -> str:
        """Returns a variable name that nothing else has."""
        return f"{stem}{next(self._numbers)}"

    def bind(self, stem: str, value: Any) -> str:
        """Returns a name under which the code sees `value`."""
        name = self.fresh(stem)
        self.names[name] = value
        return name

    def compile(self, label: str) -> dict[str, Callable[..., Any]]:
        """Returns the functions of the code by name."""
        text = "\n".join(self._lines) + "\n"
        # The text is made of our own identifiers and numbers, and of GraphQL names as literals: whatever else
        # comes from a client, a schema or a subgraph is a bound value.
        exec(compile(text, f"<compiled {label}>", "exec"), self.names)  # noqa: S102
        return self.names
