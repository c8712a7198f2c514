"""The join specification, v0.5: how a supergraph document says which subgraph resolves what."""

from __future__ import annotations

import re
from collections.abc import Iterable

from router.federation.link import SPECS

LINK_URL = f"{SPECS}/link/v1.0"
JOIN_URL = f"{SPECS}/join/v0.5"

JOIN_DIRECTIVES = """\
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) \
repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, \
external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, \
contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, \
resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) \
repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA"""

JOIN_TYPES = """\
input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

scalar join__DirectiveArguments

scalar join__FieldSet

scalar join__FieldValue

scalar link__Import

enum link__Purpose {
  "`SECURITY` features provide metadata necessary to securely resolve fields."
  SECURITY

  "`EXECUTION` features provide metadata necessary for operation execution."
  EXECUTION
}"""

_OTHER = re.compile(r"[^A-Za-z0-9_]")


def graph_names(subgraph_names: Iterable[str]) -> dict[str, str]:
    """The enum value of `join__Graph` for each subgraph: upper case, other characters as `_`, kept apart by
    number.
    """
    wished = {name: _graph_name(name) for name in subgraph_names}
    groups: dict[str, list[str]] = {}
    for name, graph in wished.items():
        groups.setdefault(graph, []).append(name)
    taken = {graph for graph, names in groups.items() if len(names) == 1}
    result = {}
    for graph, names in groups.items():
        number = 0
        for name in names:
            value = graph
            while len(names) > 1 and (value == graph or value in taken):
                number += 1
                value = f"{graph}_{number}"
            taken.add(value)
            result[name] = value
    return {name: result[name] for name in wished}


def _graph_name(name: str) -> str:
    value = _OTHER.sub("_", name).upper()
    # A number at the end is kept for the names that collide.
    if re.search(r"_\d+\Z", value):
        value += "_"
    return value if value[:1].isalpha() or value.startswith("_") else f"_{value}"
