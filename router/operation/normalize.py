"""A validated document and operation name -> an `Operation`."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    VariableNode,
    print_ast,
    visit,
)
from graphql.language import Visitor

from router.operation.collect import Collector
from router.operation.deferred import DeferredGroups
from router.operation.model import Operation, VariableDefinition
from router.supergraph import Supergraph


def normalize_operation(
    supergraph: Supergraph,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    conditions: Mapping[str, bool],
    *,
    defers: bool = False,
) -> Operation:
    """Returns the operation with fragments inlined and conditions decided.

    Fragments are deferred only where `defers` says that the client takes an answer in parts.

    `conditions` holds the value of every variable that `condition_variables` names. Raises PlanningError
    when the operation expands beyond the limit.

    Before: query Q($a: Boolean!) { me { ...F  name @skip(if: $a) } } fragment F on User { id name }
    After, $a true: query Q { me { id name } }
    """
    kind = operation.operation.value
    root_type = supergraph.root_types[kind]
    collector = Collector(
        supergraph.possible_types,
        supergraph.field_types,
        {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)},
        conditions,
        groups=DeferredGroups(conditions, is_enabled=defers),
    )
    selections = collector.collect([operation.selection_set], root_type)
    variables = tuple(
        VariableDefinition(
            node.variable.name.value,
            print_ast(node.type),
            print_ast(node.default_value) if node.default_value is not None else None,
        )
        for node in operation.variable_definitions or ()
    )
    name = operation.name.value if operation.name else None
    return Operation(kind, name, root_type, selections, variables, collector.groups.finished())


def condition_variables(document: DocumentNode) -> tuple[str, ...]:
    """Returns the variables used by @skip, @include and @defer anywhere in the document, sorted.

    Their values are part of a plan's identity: a plan is made for one combination of them.
    """
    found: set[str] = set()

    class _Conditions(Visitor):
        def enter_directive(self, node: object, *_: object) -> None:
            if node.name.value in ("skip", "include", "defer"):  # type: ignore[attr-defined]  # visitor nodes are untyped
                for argument in node.arguments or ():  # type: ignore[attr-defined]
                    if isinstance(argument.value, VariableNode):
                        found.add(argument.value.name.value)

    visit(document, _Conditions())
    return tuple(sorted(found))
