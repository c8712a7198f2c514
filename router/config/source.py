"""From the text of `router.yaml` to checked settings, with the line of every mistake."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from router.config.models import RouterConfig

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_DEPTH_MAX = 20

Location = tuple[str | int, ...]


class ConfigError(Exception):
    """The file cannot be used; each line of the message is `file:line: what is wrong`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_config(path: str | Path) -> RouterConfig:
    """Returns the settings of the file at `path`; raises ConfigError or OSError."""
    return parse_config(Path(path).read_text(encoding="utf-8"), name=str(path), environment=os.environ)


def parse_config(
    text: str, *, name: str = "router.yaml", environment: Mapping[str, str] | None = None
) -> RouterConfig:
    """Returns the settings written in `text`; an empty text gives the defaults."""
    reader = _Reader(name, environment or {})
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(name, error)]) from error
    values = reader.read(root, ()) if root is not None else None
    if reader.problems:
        raise ConfigError(reader.problems)
    try:
        return RouterConfig.model_validate({} if values is None else values)
    except ValidationError as error:
        raise ConfigError([reader.describe(problem) for problem in error.errors()]) from error


@dataclass(slots=True)
class _Reader:
    """Turns YAML nodes into plain values and remembers the line of each."""

    name: str
    environment: Mapping[str, str]
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def read(self, node: yaml.Node, at: Location) -> Any:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if len(at) > _DEPTH_MAX:
            self._refuse(node, "nested too deeply")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._read_map(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*at, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "YAML has three kinds of node"
        return self._read_scalar(node)

    def _read_map(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                self._refuse(key_node, f'"{key}" is written twice')
            self.lines[(*at, key)] = key_node.start_mark.line + 1
            values[key] = self.read(value_node, (*at, key))
        return values

    def _read_scalar(self, node: yaml.ScalarNode) -> Any:
        if "${" in node.value:
            node = self._expand(node)
        # The safe constructor gives YAML's own types, so `${PORT}` becomes a number where it looks like one.
        return yaml.SafeLoader("").construct_object(node)

    def _expand(self, node: yaml.ScalarNode) -> yaml.ScalarNode:
        def value_of(match: re.Match[str]) -> str:
            name, default = match["name"], match["default"]
            # As in a shell, `:-` also stands in for a variable that is set but empty.
            value = self.environment.get(name) or default
            if value is None and name not in self.environment:
                self._refuse(node, f"the environment has no {name}; write ${{{name}:-default}} to allow that")
            return value or ""

        text = _VARIABLE.sub(value_of, node.value)
        plain = node.style is None
        tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False)) if plain else node.tag
        return yaml.ScalarNode(tag, text, node.start_mark, node.end_mark, node.style)

    def _refuse(self, node: yaml.Node, problem: str) -> None:
        self.problems.append(f"{self.name}:{node.start_mark.line + 1}: {problem}")

    def describe(self, problem: Any) -> str:
        """Returns one pydantic problem as `file:line: key: what is wrong`."""
        location: Location = tuple(problem["loc"])
        key = ".".join(str(part) for part in location) or "the file"
        message = "unknown key" if problem["type"] == "extra_forbidden" else str(problem["msg"])
        return f"{self.name}:{self._line_of(location)}: {key}: {message}"

    def _line_of(self, location: Location) -> int:
        for end in range(len(location), -1, -1):
            line = self.lines.get(location[:end])
            if line is not None:
                return line
        return 1


def _syntax_problem(name: str, error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{name}:{error.problem_mark.line + 1}: {error.problem}"
    return f"{name}:1: {error}"
