"""Trims from @provides and @requires what Federation 1 let stand without effect: fields that are not
external.
"""

from __future__ import annotations

from graphql import FieldNode, InlineFragmentNode, SelectionNode, SelectionSetNode, StringValueNode, print_ast

from router.composition.subgraph.model import Field, FieldSetUse, Subgraph


def trim_provides_and_requires(subgraph: Subgraph) -> None:
    """Leave only selections that reach an @external field; drop directives that then select nothing.

    Before: `author: User @provides(fields: "id name")` where only `name` is @external
    After:  `author: User @provides(fields: "name")`
    """
    for use in subgraph.field_sets:
        if (
            use.directive == "key"
            or use.selection is None
            or use.problems
            or not isinstance(use.owner, Field)
        ):
            continue
        kept = _Trim(subgraph, use).kept(use.selection, under_external=False)
        if kept is None:
            use.owner.directives = [applied for applied in use.owner.directives if applied is not use.applied]
        elif print_ast(kept) != print_ast(use.selection):
            text = " ".join(print_ast(kept)[1:-1].split())
            loc = use.applied.arguments["fields"].loc
            use.applied.arguments["fields"] = StringValueNode(value=text, loc=loc)


class _Trim:
    """Decides per selected node of one field set."""

    def __init__(self, subgraph: Subgraph, use: FieldSetUse) -> None:
        self.external = {
            id(selected.node): selected.field.coordinate in subgraph.external for selected in use.fields
        }

    def kept(self, selection_set: SelectionSetNode, *, under_external: bool) -> SelectionSetNode | None:
        nodes = [self._node(node, under_external) for node in selection_set.selections]
        kept = tuple(node for node in nodes if node is not None)
        return SelectionSetNode(selections=kept) if kept else None

    def _node(self, node: SelectionNode, under_external: bool) -> SelectionNode | None:
        if isinstance(node, InlineFragmentNode):
            inner = self.kept(node.selection_set, under_external=under_external)
            if inner is None:
                return None
            return InlineFragmentNode(
                type_condition=node.type_condition, directives=node.directives, selection_set=inner
            )
        if not isinstance(node, FieldNode):
            return None
        external = under_external or self.external.get(id(node), False)
        if node.selection_set is None:
            return node if external else None
        inner = self.kept(node.selection_set, under_external=external)
        if inner is None:
            return None
        return FieldNode(
            name=node.name, arguments=node.arguments, directives=node.directives, selection_set=inner
        )
