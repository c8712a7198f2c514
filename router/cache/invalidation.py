"""From what somebody says is out of date to the names whose tokens are renewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from router.cache.declarations import SubgraphDeclarations
from router.cache.entity_keys import EntityKeys
from router.cache.formats import scalar_text
from router.cache.names import ALL, Name, subgraph_name, tag_name, type_name, within_name
from router.supergraph import Supergraph

_FORMS = (
    'an object with "all": true, or with "subgraph", "type", "type" and "key", or "tag" '
    '(all but the first with "subgraph" where only one is meant)'
)


class InvalidationError(ValueError):
    """What was sent says no invalidation; the message tells what to send."""


@dataclass(frozen=True, slots=True)
class Invalidation:
    """What is out of date: everything, a subgraph, a type, an entity of a type by key fields, or a tag.

    Without `subgraph` it holds for all of them. `key` maps the paths of key fields (`id`, `shop.id`) to
    values.
    """

    subgraph: str | None = None
    type: str | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    tag: str | None = None
    is_all: bool = False


def parse_invalidations(body: Any, count_max: int) -> list[Invalidation]:
    """Returns the invalidations of `{"invalidations": [...]}`; raises InvalidationError."""
    given = body.get("invalidations") if isinstance(body, Mapping) else None
    if not isinstance(given, list) or not given or len(body) != 1:
        raise InvalidationError('The body is {"invalidations": [...]} with at least one invalidation.')
    if len(given) > count_max:
        raise InvalidationError(f"One request holds at most {count_max} invalidations.")
    return [_parse(one, index) for index, one in enumerate(given)]


def _parse(given: Any, index: int) -> Invalidation:
    where = f"invalidations[{index}]"
    if not isinstance(given, Mapping) or set(given) - {"all", "subgraph", "type", "key", "tag"}:
        raise InvalidationError(f"{where} is {_FORMS}.")
    for name in ("subgraph", "type", "tag"):
        if name in given and (not isinstance(given[name], str) or not given[name]):
            raise InvalidationError(f'{where}: "{name}" is a text.')
    is_all = given.get("all") is True
    if len(given) != 1 if is_all else "all" in given:
        raise InvalidationError(f'{where}: "all" is true and stands alone.')
    if not given or ("tag" in given and "type" in given) or ("key" in given and "type" not in given):
        raise InvalidationError(f"{where} is {_FORMS}.")
    key = dict(_key_texts(given["key"], (), where)) if "key" in given else {}
    return Invalidation(given.get("subgraph"), given.get("type"), key, given.get("tag"), is_all)


def _key_texts(key: Any, above: tuple[str, ...], where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(key, Mapping) or not key or len(above) > 5:
        raise InvalidationError(f'{where}: "key" maps key fields to values.')
    for name, value in key.items():
        path = (*above, str(name))
        if isinstance(value, Mapping):
            yield from _key_texts(value, path, where)
            continue
        text = scalar_text(value)
        if text is None:
            raise InvalidationError(f'{where}: the value of "{".".join(path)}" is no scalar of a key.')
        yield ".".join(path), text


@dataclass(frozen=True)
class InvalidationNames:
    """Works out the names over one supergraph."""

    supergraph: Supergraph
    declarations: Mapping[str, SubgraphDeclarations]
    keys: EntityKeys

    def of(self, one: Invalidation) -> set[Name]:
        """Returns the names; none when the supergraph knows nothing of what is invalidated."""
        if one.is_all:
            return {ALL}
        names: set[Name] = set()
        for graph, subgraph in self.supergraph.subgraphs.items():
            if one.subgraph is not None and one.subgraph != subgraph.name:
                continue
            if one.tag is not None:
                names.update(self._of_tag(graph, subgraph.name, one.tag))
            elif one.type is not None:
                names.update(self._of_type(graph, subgraph.name, one))
            else:
                names.add(subgraph_name(subgraph.name))
        return names

    def _of_tag(self, graph: str, subgraph: str, tag: str) -> Iterator[Name]:
        yield tag_name(subgraph, tag)
        for (holder, field_name), formats in self.declarations[graph].tags.items():
            for one in formats:
                if not one.could_be(tag):
                    continue
                if field_name:
                    # Answers whose arguments could not be written into the tag stand under its format.
                    yield tag_name(subgraph, one.text)
                else:
                    yield from (within_name(subgraph, also) for also in self._related(holder))

    def _of_type(self, graph: str, subgraph: str, one: Invalidation) -> Iterator[Name]:
        assert one.type is not None, "the caller has looked"
        for name in self._related(one.type):
            facts = self.supergraph.types.get(name)
            if facts is None or graph not in facts.joins:
                continue
            yield within_name(subgraph, name)
            matching = [
                key
                for key in self.keys.of(graph, name)
                if one.key and all(".".join(path) in one.key for path in key.paths)
            ]
            if not matching:
                yield type_name(subgraph, name)
            for key in matching:
                yield key.name_of_texts(one.key)
                yield key.lacking

    def _related(self, name: str) -> set[str]:
        """The type, what it may be, and what may be it: an entity has one name in each subgraph."""
        possible = self.supergraph.possible_types
        own = {name, *possible.get(name, ())}
        return own | {around for around, types in possible.items() if name in types}
