"""Gives each feed a subgraph of its own, so that planning needs no case for feeds.

Before: `Subscription.orderPlaced` is answered by the subgraph that declares it.
After: it is answered by the subgraph `feed:orderPlaced`, in which an Order has just the fields an event
brings; everything else is reached from there by the keys of Order, as from any other subgraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from router.supergraph.feeds.mapping import ObjectMapping
from router.supergraph.feeds.model import EventFeed
from router.supergraph.model import FieldFacts, FieldJoin, Subgraph, TypeFacts, TypeJoin

_WORD_END = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def stand_in_for_feeds(
    feeds: Iterable[EventFeed], subgraphs: dict[str, Subgraph], types: dict[str, TypeFacts], root_type: str
) -> None:
    """Adds a subgraph for every feed to `subgraphs` and moves its field there, in `types`."""
    for feed in feeds:
        graph = f"FEED__{_WORD_END.sub('_', feed.field).upper()}"
        while graph in subgraphs:
            graph += "_"
        subgraphs[graph] = Subgraph(graph, f"feed:{feed.field}", "", feed)
        root = types[root_type]
        moved = replace(root.fields[feed.field], joins={graph: FieldJoin(root.fields[feed.field].type)})
        types[root_type] = replace(
            root, joins={**root.joins, graph: (TypeJoin(),)}, fields={**root.fields, feed.field: moved}
        )
        _join_objects(feed.mapping, graph, types)


def _join_objects(mapping: ObjectMapping, graph: str, types: dict[str, TypeFacts]) -> None:
    facts = types[mapping.type_name]
    fields: dict[str, FieldFacts] = dict(facts.fields)
    for mapped in mapping.fields:
        known = fields[mapped.name]
        fields[mapped.name] = replace(known, joins={**known.joins, graph: FieldJoin(known.type)})
    types[mapping.type_name] = replace(
        facts, joins={**facts.joins, graph: (TypeJoin(is_resolvable=False),)}, fields=fields
    )
    for mapped in mapping.fields:
        if isinstance(mapped.value, ObjectMapping):
            _join_objects(mapped.value, graph, types)
