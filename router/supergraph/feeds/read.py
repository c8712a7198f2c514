"""Reads `@eventFeed` off the fields of the Subscription type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from router.errors import InvalidSupergraphError
from router.supergraph.feeds.conditions import Condition, ConditionError, OperandKind, parse_condition
from router.supergraph.feeds.mapping import FromEvent, MappedField, MappingError, ObjectMapping, parse_mapping
from router.supergraph.feeds.model import EventFeed
from router.supergraph.model import COMPOSITE_KINDS, Kind, TypeFacts

SPEC = "https://zellige.dev/feed/"
DEFAULT_MAPPING = "id: subject"


def read_feeds(
    document: DocumentNode, types: Mapping[str, TypeFacts], root_type: str
) -> tuple[EventFeed, ...]:
    """Returns the feeds the document declares; raises InvalidSupergraphError for one that cannot work."""
    directive = _directive_name(document)
    if directive is None or root_type not in types:
        return ()
    return tuple(
        _read_feed(node, arguments, types, root_type)
        for node, arguments in _applications(document, root_type, directive)
    )


def _directive_name(document: DocumentNode) -> str | None:
    """Returns the name the spec's one directive goes by in this document, None when it is not linked."""
    for node in document.definitions:
        if not isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode)):
            continue
        for applied in node.directives or ():
            if applied.name.value != "link":
                continue
            link = {each.name.value: value_from_ast_untyped(each.value) for each in applied.arguments or ()}
            if str(link.get("url", "")).startswith(SPEC):
                return _imported_name(link)
    return None


def _imported_name(link: Mapping[str, Any]) -> str:
    for each in link.get("import") or ():
        if each == "@eventFeed":
            return "eventFeed"
        if isinstance(each, Mapping) and each.get("name") == "@eventFeed":
            return str(each.get("as", "@eventFeed")).removeprefix("@")
    return f"{link.get('as') or 'feed'}__eventFeed"


def _applications(
    document: DocumentNode, root_type: str, directive: str
) -> Iterator[tuple[FieldDefinitionNode, dict[str, Any]]]:
    for definition in document.definitions:
        if not isinstance(definition, ObjectTypeDefinitionNode) or definition.name.value != root_type:
            continue
        for node in definition.fields or ():
            for applied in node.directives or ():
                if applied.name.value == directive:
                    given = applied.arguments or ()
                    yield node, {each.name.value: value_from_ast_untyped(each.value) for each in given}


def _read_feed(
    node: FieldDefinitionNode, arguments: Mapping[str, Any], types: Mapping[str, TypeFacts], root_type: str
) -> EventFeed:
    facts = types[root_type].fields[node.name.value]
    try:
        event_types = _read_types(arguments)
        if facts.is_list:
            raise MappingError("an event makes one object, and the field's type is a list")  # noqa: TRY301 - one way out
        mapping = _typed(
            parse_mapping(str(arguments.get("object") or DEFAULT_MAPPING)), types, facts.named_type
        )
        where = _read_conditions(arguments, {each.name.value for each in node.arguments or ()})
    except (MappingError, ConditionError) as error:
        raise InvalidSupergraphError(f"@eventFeed on {root_type}.{facts.name}: {error}.") from error
    return EventFeed(facts.name, event_types, mapping, where)


def _read_types(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    given = arguments.get("events") or ()
    named = (given,) if isinstance(given, str) else tuple(map(str, given))
    if not named or len(set(named)) != len(named) or not all(named):
        raise MappingError("it needs the types of its events, each once")
    return named


def _read_conditions(arguments: Mapping[str, Any], declared: set[str]) -> tuple[Condition, ...]:
    where = tuple(parse_condition(str(text)) for text in arguments.get("where") or ())
    for operand in (each for condition in where for each in condition.operands):
        if operand.kind is OperandKind.ARGUMENT and operand.path[0] not in declared:
            raise ConditionError(f"the field has no argument ${operand.path[0]}")
    return where


def _typed(mapping: ObjectMapping, types: Mapping[str, TypeFacts], type_name: str) -> ObjectMapping:
    """Returns the mapping with the types of its objects; raises MappingError where the schema has others."""
    facts = types.get(type_name)
    if facts is None or facts.kind is not Kind.OBJECT:
        raise MappingError(f"an event cannot make a {type_name}, which is no object type")
    fields: list[MappedField] = []
    for mapped in mapping.fields:
        known = facts.fields.get(mapped.name)
        if known is None:
            raise MappingError(f"{type_name} has no field {mapped.name}")
        is_composite = known.named_type in types and types[known.named_type].kind in COMPOSITE_KINDS
        if is_composite == isinstance(mapped.value, FromEvent) or (is_composite and known.is_list):
            raise MappingError(
                f"{type_name}.{mapped.name} is a {known.type}, which its mapping does not make"
            )
        value = mapped.value
        if isinstance(value, ObjectMapping):
            value = _typed(value, types, known.named_type)
        fields.append(MappedField(mapped.name, value))
    return ObjectMapping(tuple(fields), type_name)
