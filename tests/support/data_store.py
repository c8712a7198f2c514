"""One store of records behind all subgraphs of a test and behind the monolith they are compared with.

The store is a map of records: `{"Query": {"products": ["@Product:1"]}, "Product:1": {"name": "Zarbia"}}`.
In a value `"@Product:1"` points at a record, `"!text"` is a resolver that raises, `{"$type": "Money", ...}`
(or a plain map) is a value without identity. What is not stored has a default that follows from its place
(`"Product:1.name"`), and a type without records has two, so a case may leave all of it out.

A value depends on the arguments of its field and, under @requires, on the required values, so a wrong
argument or requirement shows in the answer.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    get_argument_values,
    get_named_type,
)
from graphql.language import ast

from tests.support.federation_facts import FederationFacts

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Record:
    """One object: an entity or root by its own key, or a value by the place it stands at."""

    key: str
    type_name: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def id(self) -> str:
        """The part of the key after the type."""
        return self.key.partition(":")[2] or self.key


class MissingRequirementError(Exception):
    """A representation lacks a required value."""


def number(text: str) -> int:
    """Returns a small number that follows from the text alone, the same in every run."""
    return zlib.crc32(text.encode()) % 1009


class DataStore:
    """The records of one test, with a journal of the mutations that ran."""

    def __init__(
        self, facts: FederationFacts, records: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.facts = facts
        self.journal: list[str] = []
        self.records: dict[str, Record] = {}
        for key, values in (records or {}).items():
            self.records[key] = Record(key, key.partition(":")[0], values)
        stored_types = {record.type_name for record in self.records.values()}
        for name in sorted(facts.entity_names - stored_types):
            for number_of in ("1", "2"):
                self.records[f"{name}:{number_of}"] = Record(f"{name}:{number_of}", name)

    def root(self, name: str) -> Record:
        """Returns the record of Query, Mutation or Subscription."""
        return self.records.get(name) or Record(name, name)

    def of_types(self, type_names: list[str]) -> list[Record]:
        """Returns the records of these types, in stored order."""
        return [record for record in self.records.values() if record.type_name in type_names]

    def read(
        self, record: Record, field_name: str, arguments: Mapping[str, Any], required: Any = None
    ) -> Any:
        """Returns the value of a field: JSON leaves, `Record`s, errors as exceptions, lists of these.

        `required` are the values of the field's @requires; without them they are read from the store.
        """
        definition = self.facts.output_field(record.type_name, field_name)
        requirement = self.facts.requirement(record.type_name, field_name)
        if requirement is not None and required is None:
            required = self.project(requirement, record)
        salt = ", ".join(f"{name}: {json.dumps(value)}" for name, value in sorted(arguments.items()))
        if requirement is not None:
            salt = "; ".join(filter(None, [salt, json.dumps(required)]))
        place = _Place(self, record, field_name, definition, salt)
        if field_name in record.values:
            return place.stored(record.values[field_name])
        return place.default(definition.type, f"{record.key}.{field_name}")

    def project(self, selections: ast.SelectionSetNode, record: Record) -> dict[str, Any]:
        """Returns the stored values of a field set as JSON; raises the error of one that is not nullable."""
        projected: dict[str, Any] = {}
        for node in selected_fields(selections, self.type_names(record)):
            name = node.name.value
            if name == TYPENAME:
                projected[name] = record.type_name
                continue
            definition = self.facts.output_field(record.type_name, name)
            value = self.read(record, name, get_argument_values(definition, node))
            projected[name] = self._projected(value, node, definition.type)
        return projected

    def _projected(self, value: Any, node: ast.FieldNode, type_: GraphQLOutputType) -> Any:
        if isinstance(type_, GraphQLNonNull):
            completed = self._projected(value, node, type_.of_type)
            if completed is None:
                raise value if isinstance(value, Exception) else GraphQLError("a required value is null")
            return completed
        try:
            if value is None or isinstance(value, Exception):
                return None
            if isinstance(type_, GraphQLList):
                return [self._projected(each, node, type_.of_type) for each in value]
            return self.project(node.selection_set, value) if node.selection_set is not None else value
        except GraphQLError:
            return None

    def type_names(self, record: Record) -> set[str]:
        """Returns the type of a record with all interfaces and unions it belongs to."""
        return {record.type_name, *self.facts.abstract_names.get(record.type_name, set())}


def selected_fields(selections: ast.SelectionSetNode, type_names: set[str] | None) -> Iterator[ast.FieldNode]:
    """Yields the fields of a field set that apply to an object of these types; None: fragments all apply."""
    for node in selections.selections:
        if isinstance(node, ast.FieldNode):
            yield node
        elif isinstance(node, ast.InlineFragmentNode):
            condition = node.type_condition
            if condition is None or type_names is None or condition.name.value in type_names:
                yield from selected_fields(node.selection_set, type_names)


def project_representation(
    store: DataStore, selections: ast.SelectionSetNode, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the values of a field set out of a representation; raises `MissingRequirementError`."""
    type_name = given.get(TYPENAME)
    names = store.type_names(Record("", type_name)) if type_name else None
    projected: dict[str, Any] = {}
    for node in selected_fields(selections, names):
        name = node.name.value
        if name not in given:
            raise MissingRequirementError(name)
        projected[name] = _project_given(store, node, given[name])
    return projected


def _project_given(store: DataStore, node: ast.FieldNode, value: Any) -> Any:
    if isinstance(value, list):
        return [_project_given(store, node, each) for each in value]
    if value is None or node.selection_set is None:
        return value
    return project_representation(store, node.selection_set, value)


@dataclass(frozen=True, slots=True)
class _Place:
    """One field of one record under one salt (its arguments and required values), while it is read."""

    store: DataStore
    record: Record
    field_name: str
    definition: GraphQLField
    salt: str

    def stored(self, value: Any, within: str = "") -> Any:
        """Returns a stored value as a resolver answers it."""
        if isinstance(value, list):
            items = [self.stored(each, f"{within}.{index}") for index, each in enumerate(value)]
            return self.rotated(items)
        if isinstance(value, Mapping):
            type_name = value.get("$type") or get_named_type(self.definition.type).name
            return Record(self.salted(f"{self.record.key}.{self.field_name}{within}"), type_name, value)
        if isinstance(value, str) and value.startswith("!"):
            return GraphQLError(value[1:])
        if isinstance(value, str) and value.startswith("@"):
            return self.alternative(self.store.records[value[1:]])
        return self.varied(value)

    def default(self, type_: GraphQLOutputType, key: str) -> Any:
        """Returns what a field without a stored value answers."""
        if isinstance(type_, GraphQLNonNull):
            return self.default(type_.of_type, key)
        if isinstance(type_, GraphQLList):
            return self.rotated(self.default_items(type_.of_type, key))
        if self.facts.is_composite(get_named_type(type_).name):
            candidates = self.candidates()
            if candidates:
                return candidates[number(self.salted(key)) % len(candidates)]
            return self.inline(key)
        return self.varied(self.leaf(key))

    def default_items(self, type_: GraphQLOutputType, key: str) -> list[Any]:
        """Returns the elements of a list without a stored value."""
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(inner, GraphQLList) or not self.facts.is_composite(get_named_type(inner).name):
            return [self.default(inner, f"{key}.{index}") for index in range(2)]
        inline = [self.inline(f"{key}.{index}") for index in range(2)]
        return list(self.candidates() or [each for each in inline if each is not None])

    @property
    def facts(self) -> FederationFacts:
        """The facts of the store."""
        return self.store.facts

    def candidates(self) -> list[Record]:
        """Returns the records this field may answer."""
        return self.store.of_types(self.possible_types())

    def possible_types(self) -> list[str]:
        """Returns the types this field may answer, as far as each subgraph that defines it knows them."""
        owners = [document for document, _ in self.facts.owners(self.record.type_name, self.field_name)]
        return self.facts.possible_types(get_named_type(self.definition.type).name, owners)

    def inline(self, key: str) -> Record | None:
        """Returns a value without identity, None where the type of the field has no possible value."""
        possible = self.possible_types()
        return Record(self.salted(key), possible[number(key) % len(possible)]) if possible else None

    def leaf(self, key: str) -> Any:
        """Returns the default of a scalar or enum."""
        type_ = get_named_type(self.definition.type)
        if self.facts.is_enum(self.definition):
            values = self.facts.enum_values(type_.name)
            return values[number(key) % len(values)]
        defaults = {
            "ID": self.own_id() if key == f"{self.record.key}.{self.field_name}" else key,
            "Int": number(key),
            "Float": number(key) + 0.5,
            "Boolean": number(key) % 2 == 0,
        }
        return defaults.get(type_.name, key)

    def own_id(self) -> str:
        """Returns the id of the record, unique across all types an interface with a key may be."""
        record = self.record
        shares_key = self.store.type_names(record) & self.facts.keyed_abstract_names
        return f"{record.type_name}-{record.id}" if shares_key else record.id

    def salted(self, text: str) -> str:
        """Returns the text, marked by the arguments and required values where there are any."""
        return f"{text}({self.salt})" if self.salt else text

    def varied(self, value: Any) -> Any:
        """Returns a leaf as the arguments and required values change it."""
        if not self.salt or value is None:
            return value
        if self.facts.is_enum(self.definition):
            values = self.facts.enum_values(get_named_type(self.definition.type).name)
            return values[(values.index(value) + number(self.salt)) % len(values)]
        if isinstance(value, bool):
            return value != (number(self.salt) % 2 == 0)
        if isinstance(value, int | float):
            return value + number(self.salt)
        return self.salted(value) if isinstance(value, str) else value

    def rotated(self, items: list[Any]) -> list[Any]:
        """Returns the list begun at a position that follows from the salt."""
        turn = number(self.salt) % len(items) if self.salt and items else 0
        return items[turn:] + items[:turn]

    def alternative(self, record: Record) -> Record:
        """Returns the record, or another one of its type that the salt chooses."""
        if not self.salt:
            return record
        same_type = self.store.of_types([record.type_name])
        return same_type[(same_type.index(record) + number(self.salt)) % len(same_type)]
