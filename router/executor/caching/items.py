"""A fetch as the things of it that are kept one by one: each entity, or the whole root answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from router.cache.cache import SupergraphCache
from router.cache.counters import ROOT, TypeCounts
from router.cache.entity_keys import EntityKey
from router.cache.entry import Entry, Token
from router.cache.fetch_facts import EntitySelection, FetchFacts, FetchFactsOf, Known, arguments_of
from router.cache.flights import FlightKey
from router.cache.keys import Audience, key_prefix, space_key, varying
from router.cache.names import ALL, Name, subgraph_name, tag_name, type_name, within_name
from router.cache.store import Lookup
from router.executor.merge.representations import identify
from router.executor.transport.client import SubgraphRequest

ENTITY_KIND = b"e"
ROOT_KIND = b"r"


class Item(Struct):
    """One thing asked for. `position` is its place among the representations of `selection`.

    `spaces` are where it may be looked for, none when it is not to be kept; the keys of `lookup` stand in
    their order. `entry` is what will be served, `fallback` what is served when the subgraph fails; `body` is
    what was fetched. What is faulty has errors or did not arrive, and is not kept.
    """

    selection: EntitySelection | None
    position: int
    type_name: str
    known: Known
    counts: TypeCounts
    spaces: tuple[bytes, ...]
    lookup: Lookup
    tokens: tuple[Token, ...] | None = None
    entry: Entry | None = None
    fallback: Entry | None = None
    flight: FlightKey | None = None
    body: bytes | None = None
    is_faulty: bool = False

    @property
    def served(self) -> bytes | None:
        """The bytes that answer it; None when there are none."""
        return self.entry.body if self.entry is not None else self.body

    def key_in(self, space: bytes) -> bytes:
        """Returns the key it has in one of its spaces."""
        return self.lookup.keys[self.spaces.index(space)]


class _Kind(Struct):
    """What all entities of one type in one request have in common."""

    known: Known
    counts: TypeCounts
    spaces: tuple[bytes, ...]
    heads: tuple[bytes, ...]
    names: tuple[Name, ...]
    keys: tuple[EntityKey, ...]


@dataclass(frozen=True, slots=True)
class ItemsOf:
    """Takes the fetches of one subgraph apart."""

    subgraph: str
    graph: str
    cache: SupergraphCache
    facts: FetchFactsOf
    header_names: tuple[str, ...]

    def take_apart(self, request: SubgraphRequest, facts: FetchFacts, audience: Audience) -> list[Item]:
        """Returns the things asked for; raises TypeError when something has no canonical JSON form."""
        variables = request.variables or {}
        headers = varying(request.headers, self.header_names)
        if facts.root is not None:
            return [self._root(facts, facts.root, variables, headers, audience)]
        items: list[Item] = []
        for selection in facts.entities:
            used = {name: variables[name] for name in selection.variables if name in variables}
            prefix = key_prefix(ENTITY_KIND, self.subgraph, selection.digest, (used, headers))
            self._add_entities(items, selection, variables[selection.variable], prefix, audience)
        return items

    def _add_entities(
        self,
        items: list[Item],
        selection: EntitySelection,
        representations: list[Mapping[str, Any]],
        prefix: bytes,
        audience: Audience,
    ) -> None:
        kinds: dict[str, _Kind] = {}
        for position, representation in enumerate(representations):
            name = str(representation["__typename"])
            kind = kinds.get(name)
            if kind is None:
                kind = kinds[name] = self._kind(selection, name, prefix, audience)
            identity = identify(representation)
            keys = tuple([head + identity for head in kind.heads])
            lookup = Lookup(keys, self._names_of(kind, name, representation))
            items.append(Item(selection, position, name, kind.known, kind.counts, kind.spaces, lookup))

    def _kind(self, selection: EntitySelection, name: str, prefix: bytes, audience: Audience) -> _Kind:
        known = self.facts.entity(selection, name)
        spaces = () if known.policy.forbids else audience.spaces_for(known.policy.scope)
        names = (ALL, subgraph_name(self.subgraph), type_name(self.subgraph, name), *known.within)
        return _Kind(
            known,
            self.cache.cache.counters.of(self.subgraph, name),
            spaces,
            tuple(space_key(space, prefix) for space in spaces),
            names,
            self.cache.keys.of(self.graph, name),
        )

    def _names_of(self, kind: _Kind, name: str, representation: Mapping[str, Any]) -> tuple[Name, ...]:
        own = [key.name_of(representation) for key in kind.keys]
        for tag in kind.known.tags:
            text = tag.render({"key": representation})
            # What lacks a value of its tag is invalidated with every tag of that form.
            own.append(within_name(self.subgraph, name) if text is None else tag_name(self.subgraph, text))
        return (*kind.names, *own)

    def _root(
        self,
        facts: FetchFacts,
        known: Known,
        variables: Mapping[str, Any],
        headers: tuple[str | None, ...],
        audience: Audience,
    ) -> Item:
        names = [ALL, subgraph_name(self.subgraph), *known.within]
        for tag in facts.root_tags:
            text = tag.format.render({"args": arguments_of(tag.node, variables)})
            names.append(tag_name(self.subgraph, tag.format.text if text is None else text))
        spaces = () if known.policy.forbids else audience.spaces_for(known.policy.scope)
        prefix = key_prefix(ROOT_KIND, self.subgraph, facts.digest, (dict(variables), headers))
        lookup = Lookup(tuple(space_key(space, prefix) for space in spaces), tuple(names))
        counts = self.cache.cache.counters.of(self.subgraph, ROOT)
        return Item(None, 0, ROOT, known, counts, spaces, lookup)
