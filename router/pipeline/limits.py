"""Refuses documents that cost too much: their text before it is parsed, their tree before it is validated.

Validation compares selections in pairs and follows fragments recursively, so that a small document can keep
it busy for minutes. What is measured here takes time linear in the document: fragments are ordered first
(a cycle has no order, and is refused), each is measured once, and nothing is written out unless it is known
to be small enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from router.config import LimitsConfig
from router.errors import ClientError

# Strings and comments are skipped, so that only real brackets count. A string that does not end takes the
# rest: looking for another beginning in it would take quadratic time. Nothing in it can backtrack.
_BRACKETS = re.compile(
    r'(?s:"""(?:[^"\\]++|\\.?|"(?!""))*+(?:"""|\Z))|"(?:[^"\\\n]++|\\.)*+"?|#[^\n\r]*+|[{}()\[\]]'
)
# Arguments may nest lists and objects inside the deepest selection.
VALUE_DEPTH_MAX = 50
# So many of the largest operation that is allowed may stand in one document.
_OPERATIONS_WRITTEN_OUT_MAX = 5


def check_text(query: str, limits: LimitsConfig) -> None:
    """Refuses text nested so deep that a recursive parser would not survive it."""
    depth = 0
    depth_max = limits.max_depth + VALUE_DEPTH_MAX
    for count, match in enumerate(_BRACKETS.finditer(query)):
        text = match.group()
        if text in "{([":
            depth += 1
            if depth > depth_max:
                raise limit_error(f"The document is nested deeper than {depth_max} brackets.", "max_depth")
        elif text in "})]":
            depth -= 1
        if count >= limits.max_tokens:
            raise limit_error(f"The document has more than {limits.max_tokens} tokens.", "max_tokens")


def check_document(document: DocumentNode, limits: LimitsConfig) -> None:
    """Refuses a document beyond the limits; it need not be valid, and is only measured."""
    if len(document.definitions) > limits.max_definitions:
        message = f"The document has more than {limits.max_definitions} definitions."
        raise limit_error(message, "max_definitions")
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    sizes = _Sizes(limits.max_list_items)
    spread: set[str] = set()
    for fragment in _in_order(fragments, spread):
        sizes.known[fragment.name.value] = sizes.of(fragment.selection_set)
    # Validation looks into unused fragments, too; those that are used are part of what is above them.
    roots: list[OperationDefinitionNode | FragmentDefinitionNode] = [
        one for one in document.definitions if isinstance(one, OperationDefinitionNode)
    ]
    spread.update(name for one in roots for name in _spreads_in(one.selection_set))
    roots += [one for name, one in fragments.items() if name not in spread]
    written_out = 0
    for root in roots:
        size = sizes.of(root.selection_set)
        _check_size(size, limits)
        written_out += size.fields
        if written_out > limits.max_selections * _OPERATIONS_WRITTEN_OUT_MAX:
            raise limit_error("The document's operations are too large together.", "max_selections")
        _check_repetitions(root.selection_set, fragments, limits)


def limit_error(message: str, limit: str) -> ClientError:
    """Returns the refusal of what is beyond the setting `limits.<limit>`."""
    return ClientError(message, "DOCUMENT_LIMIT_EXCEEDED", extensions={"limit": limit})


def largest_list(values: Iterable[Any]) -> int:
    """Returns the length of the longest list in plain values, at any depth, without recursion."""
    longest = 0
    waiting = [value for value in values if isinstance(value, list | dict)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            longest = max(longest, len(value))
            waiting += [item for item in value if isinstance(item, list | dict)]
        else:
            waiting += [item for item in value.values() if isinstance(item, list | dict)]
    return longest


def _check_size(size: _Size, limits: LimitsConfig) -> None:
    checks = (
        (size.depth, "max_depth", "deeper than {} selection sets"),
        (size.fields, "max_selections", "larger than {} fields"),
        (size.aliases, "max_aliases", "using more than {} aliases"),
        (size.directives, "max_directives", "using more than {} directives"),
        (size.root_fields, "max_root_fields", "asking more than {} root fields"),
        (size.list_items, "max_list_items", "giving a list of more than {} items"),
    )
    for found, limit, text in checks:
        allowed = getattr(limits, limit)
        if found > allowed:
            raise limit_error(f"The operation is refused for {text.format(allowed)}.", limit)


@dataclass(slots=True)
class _Size:
    """What a selection set amounts to with its fragments written out."""

    depth: int = 1
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    list_items: int = 0

    def add(self, other: _Size) -> None:
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.list_items = max(self.list_items, other.list_items)


@dataclass(slots=True)
class _Sizes:
    """Measures each fragment once, so that a fragment bomb is counted without being unfolded.

    `known` are the fragments there are; a spread of any other counts nothing, and validation says so.
    """

    list_items_max: int
    known: dict[str, _Size] = field(default_factory=dict)

    def of(self, selection_set: SelectionSetNode) -> _Size:
        size = _Size()
        for node in selection_set.selections:
            self._count_directives(size, node.directives or ())
            if isinstance(node, FieldNode):
                self._count_field(size, node)
                continue
            if isinstance(node, FragmentSpreadNode):
                inner = self.known.get(node.name.value, _NOTHING)
            else:
                inner = self.of(node.selection_set)  # type: ignore[attr-defined]  # an inline fragment
            size.add(inner)
            size.root_fields += inner.root_fields
            size.depth = max(size.depth, inner.depth)
        return size

    def _count_field(self, size: _Size, node: FieldNode) -> None:
        size.fields += 1
        size.root_fields += 1
        size.aliases += node.alias is not None
        if node.arguments:
            size.list_items = max(size.list_items, _list_items(node.arguments))
        if node.selection_set is not None:
            below = self.of(node.selection_set)
            size.add(below)
            size.depth = max(size.depth, below.depth + 1)

    @staticmethod
    def _count_directives(size: _Size, directives: Sequence[DirectiveNode]) -> None:
        size.directives += len(directives)
        for directive in directives:
            if directive.arguments:
                size.list_items = max(size.list_items, _list_items(directive.arguments))


_NOTHING = _Size(depth=0)


def _list_items(arguments: Iterable[Any]) -> int:
    """Returns the length of the longest list written in arguments."""
    longest = 0
    waiting = [argument.value for argument in arguments]
    while waiting:
        value = waiting.pop()
        if isinstance(value, ListValueNode):
            longest = max(longest, len(value.values))
            waiting += value.values
        elif isinstance(value, ObjectValueNode):
            waiting += [one.value for one in value.fields]
    return longest


# -- fragments ---------------------------------------------------------------------------------------


def _in_order(
    fragments: dict[str, FragmentDefinitionNode], spread: set[str]
) -> Iterator[FragmentDefinitionNode]:
    """Yields each fragment after those it spreads, whose names are added to `spread`; refuses cycles."""
    spreads = {
        name: {inner for inner in _spreads_in(node.selection_set) if inner in fragments}
        for name, node in fragments.items()
    }
    spread_by: dict[str, list[str]] = {}
    for name, inner in spreads.items():
        spread |= inner
        for one in inner:
            spread_by.setdefault(one, []).append(name)
    ready = [name for name, inner in spreads.items() if not inner]
    while ready:
        name = ready.pop()
        del spreads[name]
        yield fragments[name]
        for other in spread_by.get(name, ()):
            spreads[other].discard(name)
            if not spreads[other]:
                ready.append(other)
    if spreads:
        raise _cycle_in(spreads)


def _cycle_in(spreads: dict[str, set[str]]) -> ClientError:
    """Returns the refusal; each of the fragments left spreads another one of them."""
    name, seen = min(spreads), set[str]()
    while name not in seen:
        seen.add(name)
        name = min(spreads[name])
    message = f'Cannot spread fragment "{name}" within itself.'
    return ClientError(message, "GRAPHQL_VALIDATION_FAILED")


def _spreads_in(selection_set: SelectionSetNode) -> Iterator[str]:
    waiting = [selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif node.selection_set is not None:  # type: ignore[attr-defined]  # a field or an inline fragment
                waiting.append(node.selection_set)  # type: ignore[attr-defined]


# -- repetitions -------------------------------------------------------------------------------------


def _check_repetitions(
    selection_set: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], limits: LimitsConfig
) -> None:
    """Refuses an operation with more pairs of fields of one response path than allowed.

    The operation is known to be within `max_selections` when its fragments are written out.
    """
    pairs = 0
    level = [[selection_set]]
    while level:
        below: list[list[SelectionSetNode]] = []
        for sets in level:
            for count, children in _by_response_key(sets, fragments).values():
                pairs += count * (count - 1) // 2
                if children:
                    below.append(children)
            if pairs > limits.max_repetitions:
                message = f"The operation repeats selections more than {limits.max_repetitions} times."
                raise limit_error(message, "max_repetitions")
        level = below


def _by_response_key(
    sets: list[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]
) -> dict[str, tuple[int, list[SelectionSetNode]]]:
    """Returns by response key how many fields there are and what they select; a fragment counts once."""
    found: dict[str, tuple[int, list[SelectionSetNode]]] = {}
    spread: set[str] = set()
    waiting = [*sets]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias is not None else node.name.value
                count, children = found.get(key, (0, []))
                if node.selection_set is not None:
                    children.append(node.selection_set)
                found[key] = (count + 1, children)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in fragments and name not in spread:
                    spread.add(name)
                    waiting.append(fragments[name].selection_set)
            else:
                waiting.append(node.selection_set)  # type: ignore[attr-defined]  # an inline fragment
    return found
