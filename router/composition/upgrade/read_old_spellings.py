"""Reads spellings only Federation 1 accepted: field sets written as lists."""

from __future__ import annotations

from graphql import ListValueNode, StringValueNode

from router.composition.subgraph.model import Applied, Subgraph


def read_old_spellings(subgraph: Subgraph) -> None:
    """Turn a list of field names into one field set.

    Before: `@key(fields: ["id", "sku"])`
    After:  `@key(fields: "id sku")`
    """
    for definition in subgraph.types.values():
        for applied in definition.all("key"):
            _join(applied)
        for field in definition.fields.values():
            for applied in field.directives:
                if applied.name in ("requires", "provides"):
                    _join(applied)


def _join(applied: Applied) -> None:
    value = applied.arguments.get("fields")
    if isinstance(value, ListValueNode) and all(isinstance(item, StringValueNode) for item in value.values):
        text = " ".join(item.value for item in value.values if isinstance(item, StringValueNode))
        applied.arguments["fields"] = StringValueNode(value=text, loc=value.loc)
