"""Prints what a step asks as an operation its subgraph accepts.

Problem: a step's fields are held by object types of the supergraph, but a subgraph knows its own interfaces
and unions, may declare a field with a type of its own, and refuses a document in which one key has two types.

Steps, at each object: fields asked on every type the object can have there go straight in, or under an
interface the subgraph declares with exactly these types, else under each object type; then keys that would
meet with different types get an alias of their own, noted in `renames`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from router.operation.model import TYPENAME, Types
from router.plan import FetchedField
from router.planner.fetches.step import Output, OutputField
from router.supergraph import Supergraph
from router.supergraph.model import Kind

ENTITY = "_Entity"


@dataclass
class _Printed:
    """One field as printed under one parent type (None: the position's own type)."""

    parent: str | None
    wanted: OutputField
    declared: str
    alias: str
    types: Types


@dataclass(frozen=True, slots=True)
class PrintedSelection:
    """A selection as text, with braces, and as what it brings into merged data."""

    text: str
    fields: tuple[FetchedField, ...]


@dataclass
class DocumentPrinter:
    """Prints outputs for one fetch to the subgraph `graph`; collects renames and variables on the way."""

    supergraph: Supergraph
    graph: str
    renames: dict[str, str] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)

    def print_root(self, output: Output, type_name: str) -> PrintedSelection:
        """Returns the selection of a root operation."""
        return self._print(output, type_name, frozenset((type_name,)))

    def print_entities(
        self, output: Output, types: frozenset[str], interface_object: str | None
    ) -> PrintedSelection:
        """Returns the selection of `_entities`, whose objects have one of `types`."""
        if interface_object is None:
            return self._print(output, ENTITY, types)
        inner = self._print(output, interface_object, frozenset())
        return PrintedSelection(f"{{... on {interface_object}{inner.text}}}", inner.fields)

    # -- one object ----------------------------------------------------------------------------------

    def _print(self, output: Output, wire_type: str, possible: frozenset[str]) -> PrintedSelection:
        printed = [
            one for wanted in output.fields.values() for one in self._place(wanted, wire_type, possible)
        ]
        if not printed:
            alias = "_: " if self._is_interface_object(wire_type) else ""
            return PrintedSelection(f"{{{alias}{TYPENAME}}}", ())
        self._separate(printed)
        fragments: dict[str | None, list[_Printed]] = {}
        for one in printed:
            fragments.setdefault(one.parent, []).append(one)
        parts: list[str] = []
        fetched: list[FetchedField] = []
        for parent, fields in fragments.items():
            below = [self._print_field(one) for one in _distinct(fields)]
            inner = " ".join(text for text, _ in below)
            parts.append(inner if parent is None else f"... on {parent}{{{inner}}}")
            fetched += [field for _, field in below]
        return PrintedSelection(f"{{{' '.join(parts)}}}", tuple(fetched))

    def _print_field(self, one: _Printed) -> tuple[str, FetchedField]:
        wanted = one.wanted
        self.variables.update(wanted.variables)
        alias = "" if one.alias == wanted.name else f"{one.alias}: "
        text = f"{alias}{wanted.name}{wanted.arguments}"
        if wanted.output is None:
            return text, FetchedField(wanted.key, wanted.name, one.types)
        named = one.declared.strip("[]!")
        possible = self.supergraph.possible_types_in(named, self.graph)
        below = self._print(wanted.output, named, possible)
        return text + below.text, FetchedField(wanted.key, wanted.name, one.types, below.fields)

    # -- under which type ----------------------------------------------------------------------------

    def _place(self, wanted: OutputField, wire_type: str, possible: frozenset[str]) -> list[_Printed]:
        parents = self._parents(wanted, wire_type, possible)
        return [
            _Printed(
                parent,
                wanted,
                self._declared(parent or wire_type, wanted.name),
                wanted.key,
                wanted.types if parent is None else self._types_under(parent, wanted.types),
            )
            for parent in parents
        ]

    def _types_under(self, parent: str, types: Types) -> Types:
        """Returns the types among `types` that a fragment on `parent` is for."""
        meant = self.supergraph.possible_types_in(parent, self.graph) or frozenset((parent,))
        return meant if types is None else meant & types

    def _parents(self, wanted: OutputField, wire_type: str, possible: frozenset[str]) -> list[str | None]:
        """Returns the types to ask the field under, None standing for the position's own type."""
        if wanted.name == TYPENAME:
            return [None]
        if self._is_interface_object(wire_type) or self._kind(wire_type) is Kind.OBJECT:
            return [None] if wanted.types is None or wire_type in wanted.types or not possible else []
        applicable = possible if wanted.types is None else possible & wanted.types
        if not applicable:
            return [None] if not possible and self._declares(wire_type, wanted.name) else []
        if applicable == possible and self._declares(wire_type, wanted.name):
            return [None]
        return self._folded(applicable, possible, wanted.name) or [*sorted(applicable)]

    def _folded(self, applicable: frozenset[str], possible: frozenset[str], name: str) -> list[str | None]:
        """Returns an interface of the subgraph that means exactly these types here, if there is one."""
        if len(applicable) < 2:
            return []
        for facts in self.supergraph.types.values():
            if facts.kind is not Kind.INTERFACE or not self._declares(facts.name, name):
                continue
            if self.supergraph.possible_types_in(facts.name, self.graph) & possible == applicable:
                return [facts.name]
        return []

    def _declares(self, type_name: str, field_name: str) -> bool:
        facts = self.supergraph.types.get(type_name)
        found = facts.fields.get(field_name) if facts is not None else None
        return found is not None and self.graph in found.joins

    def _declared(self, type_name: str, field_name: str) -> str:
        """Returns the type the subgraph declares for a field, in SDL notation."""
        if field_name == TYPENAME:
            return "String!"
        return self.supergraph.types[type_name].fields[field_name].joins[self.graph].type

    def _kind(self, type_name: str) -> Kind | None:
        return None if type_name == ENTITY else self.supergraph.types[type_name].kind

    def _is_interface_object(self, type_name: str) -> bool:
        facts = self.supergraph.types.get(type_name)
        return facts is not None and facts.is_interface_object_in(self.graph)

    # -- keys that would meet with different types ---------------------------------------------------

    def _separate(self, printed: list[_Printed]) -> None:
        """Gives a field an alias of its own when its key already stands for another type of value."""
        first: dict[str, _Printed] = {}
        aliases: dict[tuple[str, str, str, str], str] = {}
        for one in printed:
            other = first.setdefault(one.alias, one)
            if other is one or self._can_meet(one, other):
                continue
            identity = (one.wanted.key, one.wanted.name, one.wanted.arguments, one.declared)
            if identity not in aliases:
                aliases[identity] = f"{one.wanted.key}__{len(self.renames) + 1}_"
                self.renames[aliases[identity]] = one.wanted.key
            one.alias = aliases[identity]

    def _can_meet(self, one: _Printed, other: _Printed) -> bool:
        if one.wanted is other.wanted and one.declared == other.declared:
            return True
        if self._shape(one.declared) != self._shape(other.declared):
            return False
        if one.wanted.output is None or other.wanted.output is None:
            return True
        if one.declared.strip("[]!") == other.declared.strip("[]!"):
            return True
        return self._outputs_can_meet(one, other)

    def _outputs_can_meet(self, one: _Printed, other: _Printed) -> bool:
        assert one.wanted.output is not None and other.wanted.output is not None, "both are composite"
        below: list[_Printed] = []
        for side in (one, other):
            named = side.declared.strip("[]!")
            possible = self.supergraph.possible_types_in(named, self.graph)
            output = side.wanted.output
            assert output is not None, "both are composite"
            below += [p for wanted in output.fields.values() for p in self._place(wanted, named, possible)]
        first: dict[str, _Printed] = {}
        return all(self._can_meet(found, first.setdefault(found.alias, found)) for found in below)

    def _shape(self, declared: str) -> str:
        """Returns a type with every composite name as one: only wrappers and leaf names must agree."""
        named = declared.strip("[]!")
        return declared.replace(named, "*") if self.supergraph.is_composite(named) else declared


def _distinct(fields: list[_Printed]) -> list[_Printed]:
    """Returns the fields with those merged that one printed field answers (held by different type sets)."""
    found: dict[tuple[str, str, str], _Printed] = {}
    for one in fields:
        identity = (one.alias, one.wanted.name, one.wanted.arguments)
        known = found.get(identity)
        if known is None:
            found[identity] = one
        elif known.wanted is not one.wanted and known.wanted.output is not None:
            assert one.wanted.output is not None, "equal fields are both composite"
            joined = Output()
            joined.absorb(known.wanted.output)
            joined.absorb(one.wanted.output)
            wanted = OutputField(
                one.wanted.name, one.wanted.key, one.wanted.arguments, one.wanted.variables, None, joined
            )
            types = None if known.types is None or one.types is None else known.types | one.types
            found[identity] = _Printed(known.parent, wanted, known.declared, known.alias, types)
    return list(found.values())
