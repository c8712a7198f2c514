"""Which requirements a document can meet at all, so that only these are part of a plan's identity."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from router.supergraph import Requirement, Supergraph


def guards_of(supergraph: Supergraph, document: DocumentNode) -> tuple[Requirement, ...]:
    """Returns the distinct requirements of everything a valid document selects, in the order they are met.

    They are those of all its operations, whatever @skip and @include decide.
    """
    if not supergraph.requirements:
        return ()
    visitor = _Guards(supergraph)
    visit(document, TypeInfoVisitor(visitor.info, visitor))
    return tuple(visitor.found)


class _Guards(Visitor):
    def __init__(self, supergraph: Supergraph) -> None:
        super().__init__()
        schema: GraphQLSchema = supergraph.api_schema
        self.info = TypeInfo(schema)
        self.found: dict[Requirement, None] = {}
        self._supergraph = supergraph

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Notes what the field, those who have it, and what it returns ask."""
        parent, returned = self.info.get_parent_type(), self.info.get_type()
        if parent is not None:
            self._note(parent.name, node.name.value)
        if returned is not None:
            self._note(get_named_type(returned).name, None)

    def _note(self, type_name: str, field: str | None) -> None:
        requirements = self._supergraph.requirements
        for name in self._with_possible(type_name):
            for one in (
                requirements.types.get(name),
                requirements.fields.get((name, field)) if field is not None else None,
            ):
                if one:
                    self.found[one] = None

    def _with_possible(self, type_name: str) -> Iterator[str]:
        yield type_name
        for name in sorted(self._supergraph.possible_types.get(type_name, ())):
            if name != type_name:
                yield name
