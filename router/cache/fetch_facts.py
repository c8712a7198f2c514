"""What a fetch's document says to the cache, worked out once for each document."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)

from router.cache.declarations import InvalidationRule, SubgraphDeclarations
from router.cache.formats import Format
from router.cache.names import Name, within_name
from router.cache.policy import DeclaredPolicy
from router.cache.selection import SelectionWalk
from router.supergraph import Supergraph

DOCUMENTS_MAX = 8_000
TYPES_PER_SELECTION_MAX = 256
ENTITIES_FIELD = "_entities"


@dataclass(frozen=True, slots=True)
class Known:
    """What holds for a selection before it is answered: its declared policy and the types within it."""

    policy: DeclaredPolicy
    within: tuple[Name, ...]
    tags: tuple[Format, ...] = ()


@dataclass(slots=True)
class EntitySelection:
    """One `_entities` field: its response key, the variable of its representations, what it asks."""

    key: str
    variable: str
    digest: bytes
    variables: tuple[str, ...]
    selections: SelectionSetNode
    by_type: dict[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RootTag:
    """A @cacheTag of a root field, with the field's arguments as written."""

    format: Format
    node: FieldNode


@dataclass(frozen=True, slots=True)
class MutationRule:
    """A @cacheInvalidate of a mutation field that the document asks."""

    rule: InvalidationRule
    node: FieldNode

    @property
    def key(self) -> str:
        """The field's key in the response."""
        return self.node.alias.value if self.node.alias else self.node.name.value


@dataclass(frozen=True, slots=True)
class FetchFacts:
    """`entities` of an entity fetch; `root` and `root_tags` of a root fetch; `rules` of a mutation."""

    entities: tuple[EntitySelection, ...] = ()
    root: Known | None = None
    digest: bytes = b""
    root_tags: tuple[RootTag, ...] = ()
    rules: tuple[MutationRule, ...] = ()


def arguments_of(node: FieldNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of a field's arguments."""
    given = dict(variables)
    return {a.name.value: value_from_ast_untyped(a.value, given) for a in node.arguments or ()}


class FetchFactsOf:
    """Reads documents for one subgraph and remembers the last of them."""

    def __init__(self, supergraph: Supergraph, graph: str, declared: SubgraphDeclarations) -> None:
        self._supergraph = supergraph
        self._graph = graph
        self._subgraph = supergraph.subgraphs[graph].name
        self._declared = declared
        self._known: OrderedDict[str, FetchFacts] = OrderedDict()

    def of(self, document: str) -> FetchFacts:
        """Returns the facts of a document."""
        found = self._known.get(document)
        if found is None:
            found = self._known[document] = self._read(parse(document, no_location=True))
            if len(self._known) > DOCUMENTS_MAX:
                self._known.popitem(last=False)
        return found

    def entity(self, selection: EntitySelection, type_name: str) -> Known:
        """Returns what holds for an entity of a type in the selection."""
        found = selection.by_type.get(type_name)
        if found is None:
            walk = self._walk({})
            walk.enter_object(type_name, selection.selections, type_name)
            found = Known(walk.policy(), self._within(walk), self._declared.tags.get((type_name, ""), ()))
            if len(selection.by_type) < TYPES_PER_SELECTION_MAX:
                selection.by_type[type_name] = found
        return found

    def _read(self, document: DocumentNode) -> FetchFacts:
        fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
        operation = next(n for n in document.definitions if isinstance(n, OperationDefinitionNode))
        fields = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
        kind = operation.operation.value
        if kind == "mutation":
            return FetchFacts(rules=tuple(self._rules(fields)))
        if kind != "query" or len(fields) != len(operation.selection_set.selections):
            return FetchFacts()
        entities = [node for node in fields if node.name.value == ENTITIES_FIELD]
        if entities:
            # A document that asks entities and root fields together is not one of our planner's.
            whole = len(entities) == len(fields) and not fragments
            selections = tuple(_entity_selection(node, operation) for node in entities if whole)
            is_plain = len({one.variable for one in selections}) == len(selections)
            return FetchFacts(selections if is_plain else ())
        return self._read_root(document, fields, fragments)

    def _read_root(
        self,
        document: DocumentNode,
        fields: list[FieldNode],
        fragments: dict[str, FragmentDefinitionNode],
    ) -> FetchFacts:
        root_type = self._supergraph.root_types["query"]
        walk = self._walk(fragments)
        tags: list[RootTag] = []
        for node in fields:
            if node.name.value != "__typename":
                walk.enter_root(root_type, node)
                place = (root_type, node.name.value)
                tags += (RootTag(one, node) for one in self._declared.tags.get(place, ()))
        known = Known(walk.policy(), self._within(walk))
        return FetchFacts(root=known, digest=_digest(print_ast(document)), root_tags=tuple(tags))

    def _rules(self, fields: list[FieldNode]) -> Iterator[MutationRule]:
        root_type = self._supergraph.root_types.get("mutation", "Mutation")
        for node in fields:
            for rule in self._declared.rules.get((root_type, node.name.value), ()):
                yield MutationRule(rule, node)

    def _walk(self, fragments: dict[str, FragmentDefinitionNode]) -> SelectionWalk:
        return SelectionWalk(self._supergraph, self._graph, self._declared, fragments)

    def _within(self, walk: SelectionWalk) -> tuple[Name, ...]:
        return tuple(within_name(self._subgraph, one) for one in sorted(walk.types))


def _entity_selection(node: FieldNode, operation: OperationDefinitionNode) -> EntitySelection:
    argument = next(a for a in node.arguments or () if a.name.value == "representations")
    assert isinstance(argument.value, VariableNode), "representations are sent in a variable"
    assert node.selection_set is not None, "_entities answers objects"
    used = _VariablesUsed()
    visit(node.selection_set, used)
    definitions = [
        print_ast(one)
        for one in operation.variable_definitions or ()
        if one.variable.name.value in used.names  # their defaults change the answer
    ]
    return EntitySelection(
        node.alias.value if node.alias else node.name.value,
        argument.value.name.value,
        _digest("\n".join((print_ast(node.selection_set), *sorted(definitions)))),
        tuple(sorted(used.names)),
        node.selection_set,
    )


class _VariablesUsed(Visitor):
    """Collects the names of the variables below a node."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
