"""Refuses documents that cost too much, before and after parsing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from router.config import LimitsConfig
from router.errors import ClientError

# Strings and comments are skipped, so that only real brackets count.
_BRACKETS = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n\r]*|[{}()\[\]]')
# Arguments may nest lists and objects inside the deepest selection.
VALUE_DEPTH_MAX = 50


def check_nesting(query: str, limits: LimitsConfig) -> None:
    """Refuses text nested so deep that a recursive parser would not survive it."""
    depth = 0
    depth_max = limits.max_depth + VALUE_DEPTH_MAX
    for match in _BRACKETS.finditer(query):
        text = match.group()
        if text in "{([":
            depth += 1
            if depth > depth_max:
                raise _exceeded(f"The document is nested deeper than {depth_max} brackets.")
        elif text in "})]":
            depth -= 1


def check_operation(document: DocumentNode, operation: OperationDefinitionNode, limits: LimitsConfig) -> None:
    """Refuses an operation beyond the limits of depth, size, aliases, directives or root fields."""
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    size = _Sizes(fragments).of(operation.selection_set)
    checks = (
        (size.depth, limits.max_depth, "deeper than {} selection sets"),
        (size.fields, limits.max_selections, "larger than {} fields"),
        (size.aliases, limits.max_aliases, "using more than {} aliases"),
        (size.directives, limits.max_directives, "using more than {} directives"),
        (size.root_fields, limits.max_root_fields, "asking more than {} root fields"),
    )
    for found, allowed, text in checks:
        if found > allowed:
            raise _exceeded(f"The operation is refused for {text.format(allowed)}.")


def _exceeded(message: str) -> ClientError:
    return ClientError(message, "DOCUMENT_LIMIT_EXCEEDED")


@dataclass
class _Size:
    """What a selection set amounts to with its fragments written out."""

    depth: int = 1
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0

    def add(self, other: _Size) -> None:
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives


@dataclass
class _Sizes:
    """Measures each fragment once, so that a fragment bomb is counted without being unfolded."""

    fragments: dict[str, FragmentDefinitionNode]
    known: dict[str, _Size] = field(default_factory=dict)

    def of(self, selection_set: SelectionSetNode) -> _Size:
        size = _Size()
        for node in selection_set.selections:
            size.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                size.fields += 1
                size.root_fields += 1
                size.aliases += node.alias is not None
                if node.selection_set is not None:
                    below = self.of(node.selection_set)
                    size.add(below)
                    size.depth = max(size.depth, below.depth + 1)
                continue
            if isinstance(node, FragmentSpreadNode):
                inner = self._of_fragment(node.name.value)
            else:
                inner = self.of(node.selection_set)  # type: ignore[attr-defined]  # an inline fragment
            size.add(inner)
            size.root_fields += inner.root_fields
            size.depth = max(size.depth, inner.depth)
        return size

    def _of_fragment(self, name: str) -> _Size:
        if name not in self.known:
            self.known[name] = _Size()  # validation refused cycles already
            self.known[name] = self.of(self.fragments[name].selection_set)
        return self.known[name]
