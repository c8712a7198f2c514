"""The keys of a subgraph's entities, and the names they give to entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.cache.formats import VALUE_LENGTH_MAX, scalar_text
from router.cache.names import Name
from router.federation.field_set import parse_field_set
from router.supergraph import Supergraph


@dataclass(frozen=True, slots=True)
class EntityKey:
    """One @key of a type in a subgraph, as the paths of its leaves (`shop.id`), in order."""

    paths: tuple[tuple[str, ...], ...]
    prefix: bytes
    lacking: Name
    single: str | None = None

    def name_of(self, values: Mapping[str, Any]) -> Name:
        """Returns the name of the entity with these values; what stands in for it when one is missing."""
        if self.single is not None:  # most keys are one field
            value = values.get(self.single)
            if type(value) is str and len(value) <= VALUE_LENGTH_MAX:
                return self.prefix + orjson.dumps((value,))
        texts: list[str] = []
        for path in self.paths:
            value: Any = values
            for step in path:
                value = value.get(step) if isinstance(value, Mapping) else None
            text = scalar_text(value)
            if text is None:
                return self.lacking
            texts.append(text)
        return self.prefix + orjson.dumps(texts)

    def name_of_texts(self, texts: Mapping[str, str]) -> Name:
        """Returns the name of the entity whose values stand under their dotted paths."""
        return self.prefix + orjson.dumps([texts[".".join(path)] for path in self.paths])


class EntityKeys:
    """The keys of every type, by subgraph."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._supergraph = supergraph
        self._known: dict[tuple[str, str], tuple[EntityKey, ...]] = {}

    def of(self, graph: str, type_name: str) -> tuple[EntityKey, ...]:
        """Returns the keys of a type in a subgraph (by its id); none for what is no entity there."""
        known = self._known.get((graph, type_name))
        if known is None:
            if type_name not in self._supergraph.types:
                return ()  # not remembered: a representation may name anything
            known = self._known[graph, type_name] = tuple(self._read(graph, type_name))
        return known

    def _read(self, graph: str, type_name: str) -> Iterator[EntityKey]:
        subgraph = self._supergraph.subgraphs[graph].name
        paths = {
            tuple(sorted(_leaves(parse_field_set(join.key), ())))
            for join in self._supergraph.types[type_name].joins.get(graph, ())
            if join.key is not None
        }
        for one in sorted(paths):
            dotted = [".".join(path) for path in one]
            name = orjson.dumps(("key", subgraph, type_name, dotted))
            single = dotted[0] if len(one) == 1 and len(one[0]) == 1 else None
            yield EntityKey(one, name, orjson.dumps(("lacking", subgraph, type_name, dotted)), single)


def _leaves(selections: SelectionSetNode, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            path = (*above, node.name.value)
            if node.selection_set is None:
                yield path
            else:
                yield from _leaves(node.selection_set, path)
        elif isinstance(node, InlineFragmentNode):
            yield from _leaves(node.selection_set, above)
