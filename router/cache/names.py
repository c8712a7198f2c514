"""The names entries depend on: whoever invalidates renews the token of a name.

- `all`: every entry
- `subgraph`: every answer of a subgraph
- `type`: every entity of a type
- `key`: one entity, by the values of one of its keys
- `lacking`: the entities of a type that were asked for without one of its keys; an invalidation by that key
  cannot name them one by one
- `within`: every answer that may hold objects of a type without saying which
- `tag`: what carries a tag
"""

from __future__ import annotations

import orjson

Name = bytes
ALL: Name = b'["all"]'


def subgraph_name(subgraph: str) -> Name:
    """Returns the name of a subgraph's answers."""
    return orjson.dumps(("subgraph", subgraph))


def type_name(subgraph: str, of: str) -> Name:
    """Returns the name of a type's entities."""
    return orjson.dumps(("type", subgraph, of))


def within_name(subgraph: str, of: str) -> Name:
    """Returns the name of what may hold objects of a type."""
    return orjson.dumps(("within", subgraph, of))


def tag_name(subgraph: str, tag: str) -> Name:
    """Returns the name of what carries a tag."""
    return orjson.dumps(("tag", subgraph, tag))
