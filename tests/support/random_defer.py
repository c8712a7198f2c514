"""Operations with @defer sprinkled over them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    visit,
)

DEFERRED = 0.5
WRAPPED = 0.35


def sprinkle_defer(query: str, schema: GraphQLSchema, rng: random.Random) -> str:
    """Returns the operation with fragments deferred, and some fields wrapped into deferred fragments."""
    info = TypeInfo(schema)
    document = visit(parse(query, no_location=True), TypeInfoVisitor(info, _Sprinkler(info, schema, rng)))
    return print_ast(document)


class _Sprinkler(Visitor):
    def __init__(self, info: TypeInfo, schema: GraphQLSchema, rng: random.Random) -> None:
        super().__init__()
        self._info, self._schema, self._rng = info, schema, rng
        self._labels = 0

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode | None:
        if self._info.get_parent_type() is self._schema.mutation_type:
            return None  # what a mutation does may not be deferred
        selections = [self._defer(one) for one in node.selections]
        if self._rng.random() < WRAPPED:
            cut = self._rng.randrange(len(selections))
            wrapped = self._defer(
                InlineFragmentNode(selection_set=SelectionSetNode(selections=tuple(selections[cut:])))
            )
            selections[cut:] = [wrapped]
        return replace(node, selections=tuple(selections))

    def _defer(self, node: Any) -> SelectionNode:
        is_fragment = isinstance(node, InlineFragmentNode | FragmentSpreadNode)
        if not is_fragment or self._rng.random() > DEFERRED:
            return node
        arguments: list[ArgumentNode] = []
        if self._rng.random() < 0.3:
            self._labels += 1
            arguments.append(_argument("label", StringValueNode(value=f"part {self._labels}", block=False)))
        if self._rng.random() < 0.1:
            arguments.append(_argument("if", BooleanValueNode(value=self._rng.random() < 0.5)))
        directive = DirectiveNode(name=NameNode(value="defer"), arguments=tuple(arguments))
        return replace(node, directives=(*(node.directives or ()), directive))


def _argument(name: str, value: Any) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)
