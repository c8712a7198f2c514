"""What a mutation makes invalid, by @cacheInvalidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.cache.fetch_facts import MutationRule, arguments_of
from router.cache.formats import Format, Reference
from router.cache.invalidation import Invalidation


def invalidations_of(
    subgraph: str, one: MutationRule, variables: Mapping[str, Any], data: Mapping[str, Any] | None
) -> Iterator[Invalidation]:
    """Yields what a rule says once its field was executed, successfully or perhaps so.

    A value that is not known makes it wider: all of the type, or all of the subgraph. Types, keys and tags
    hold for every subgraph, since others answer for the same entity.
    """
    rule = one.rule
    values = {"args": arguments_of(one.node, variables), "result": _Result(one, data)}
    if rule.type is not None:
        key = {path: _render(text, values) for path, text in rule.key}
        known = {path: text for path, text in key.items() if text is not None}
        yield Invalidation(type=rule.type, key=known if len(known) == len(key) else {})
    if rule.tag is not None:
        tag = _render(rule.tag, values)
        if tag is not None:
            yield Invalidation(tag=tag)
        elif rule.type is None:
            yield Invalidation(subgraph=subgraph)
    elif rule.type is None:
        yield Invalidation(subgraph=subgraph)


def needs_result(rules: tuple[MutationRule, ...]) -> bool:
    """Whether a rule takes a value from what the mutation answers."""
    formats = [text for one in rules for text in (one.rule.tag, *(text for _, text in one.rule.key)) if text]
    return any(
        isinstance(part, Reference) and part.source == "result" for text in formats for part in text.parts
    )


def _render(text: Format, values: Mapping[str, Any]) -> str | None:
    result = values["result"]
    found = [part.path for part in text.parts if isinstance(part, Reference) and part.source == "result"]
    read: dict[str, Any] = {}
    for path in found:
        _put(read, path, result.at(path))
    return text.render({"args": values["args"], "result": read})


def _put(into: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    into[path[-1]] = value


class _Result:
    """What a mutation field answered, read by the names of fields whatever the document called them."""

    def __init__(self, one: MutationRule, data: Mapping[str, Any] | None) -> None:
        self._value = data.get(one.key) if data is not None else None
        self._selections = one.node.selection_set

    def at(self, path: tuple[str, ...]) -> Any:
        """Returns the value under the names; None when it was not asked for, or is in a list."""
        value, selections = self._value, self._selections
        for name in path:
            node = _field_named(name, selections)
            if node is None or not isinstance(value, Mapping):
                return None
            value = value.get(node.alias.value if node.alias else name)
            selections = node.selection_set
        return value


def _field_named(name: str, selections: SelectionSetNode | None) -> FieldNode | None:
    for node in selections.selections if selections is not None else ():
        if isinstance(node, FieldNode) and node.name.value == name:
            return node
        if isinstance(node, InlineFragmentNode):
            found = _field_named(name, node.selection_set)
            if found is not None:
                return found
    return None
