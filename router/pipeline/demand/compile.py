"""Compiles a normalised operation into its cost.

The cost of a field is how many objects it gives, times what one of them costs with all below it, and what its
arguments cost. One object costs the weight of the field, else that of its type, else 1; a leaf 0. Of an
abstract type the dearest of the types it may be counts. The time is linear in the operation, times the
possible types where fields differ by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    parse,
    value_from_ast_untyped,
)

from router.operation import Field, Operation
from router.operation.model import TYPENAME, Selections
from router.pipeline.demand.estimate import (
    NOTHING,
    SIZE_MAX,
    Estimate,
    Size,
    Variables,
    greatest_of,
    total_of,
)
from router.pipeline.demand.weights import ListSize, Weights
from router.supergraph import Supergraph

INTROSPECTION = frozenset({"__schema", "__type", TYPENAME})


@dataclass(frozen=True, slots=True)
class Shape:
    """What is counted of an answer: for each response key the weight of one value and what is below it."""

    weight: int
    below: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationCost:
    """An operation's cost. `fixed` is what is paid whatever is answered: arguments and mutations.

    `unsliced` are fields that lack the one slicing argument they need, with the names that would do.
    """

    estimate: Estimate
    fixed: Estimate
    shape: Shape
    slicing: tuple[Slicing, ...]


@dataclass(frozen=True, slots=True)
class Slicing:
    """A field that needs exactly one of its slicing arguments."""

    coordinate: str
    arguments: tuple[str, ...]
    constants: int
    variables: tuple[str, ...]

    def is_met(self, variables: Variables) -> bool:
        """Whether exactly one has a value."""
        given = sum(1 for name in self.variables if variables.get(name) is not None)
        return self.constants + given == 1


class CostCompiler:
    """Compiles operations over one supergraph."""

    def __init__(
        self, supergraph: Supergraph, weights: Weights, list_size: int, mutation_weight: int
    ) -> None:
        self._supergraph = supergraph
        self._schema = supergraph.api_schema
        self._weights = weights
        self._list_size = list_size
        self._mutation_weight = mutation_weight

    def compile(self, operation: Operation) -> OperationCost:
        """Returns the cost of an operation."""
        run = _Run(self, [], [])
        root = operation.root_type
        estimate, below = run.selections(operation.selections, root, {})
        if operation.kind == "mutation":
            count = sum(1 for one in operation.selections if one.name not in INTROSPECTION)
            run.fixed.append(Estimate(count * self._mutation_weight))
        fixed = total_of(run.fixed)
        return OperationCost(estimate.plus(fixed), fixed, Shape(0, below), tuple(run.slicing))

    # -- what the run asks ---------------------------------------------------------------------------

    def types_at(self, type_name: str) -> frozenset[str]:
        return self._supergraph.possible_types.get(type_name) or frozenset((type_name,))

    def weight_of(self, owner: str, name: str, type_: GraphQLNamedType) -> int:
        costs = self._weights.costs
        own = costs.get((owner, name), costs.get((type_.name,)))
        if own is not None:
            return own
        if is_leaf_type(type_):
            return 0
        # Of an abstract type, that of the dearest it may be.
        return max((costs.get((one,), 1) for one in self.types_at(type_.name)), default=1)

    def list_size_of(self, owner: str, name: str) -> ListSize | None:
        return self._weights.list_sizes.get((owner, name))

    def definition(self, owner: str, name: str) -> Any:
        return getattr(self._schema.type_map.get(owner), "fields", {}).get(name)

    def size_of(self, listed: ListSize | None, arguments: Mapping[str, ValueNode], definition: Any) -> Size:
        fallback = self._list_size
        if listed is None:
            return Size(None, (), fallback)
        if listed.assumed_size is not None:
            fallback = listed.assumed_size
        constants: list[int] = []
        variables: list[str] = []
        for path in listed.slicing_arguments:
            value = _slice_of(path, arguments, definition)
            if isinstance(value, str):
                variables.append(value)
            elif value is not None:
                constants.append(min(max(value, 0), SIZE_MAX))
        return Size(max(constants, default=None), tuple(variables), fallback)

    def argument_cost(
        self, owner: str, name: str, definition: Any, given: Mapping[str, ValueNode]
    ) -> Estimate:
        """Returns what the arguments of a field cost."""
        found: list[Estimate] = []
        for argument, node in given.items():
            described = definition.args.get(argument)
            if described is None:
                continue
            weight = self._weights.costs.get((owner, name, argument))
            found.append(self._value_estimate(described.type, node, weight))
        return total_of(found)

    def _value_estimate(self, type_: Any, node: ValueNode, weight: int | None) -> Estimate:
        if weight is None and not isinstance(get_named_type(type_), GraphQLInputObjectType):
            weight = self._weights.costs.get((get_named_type(type_).name,))
            if not weight:
                return NOTHING

        def cost_with(variables: Variables) -> int:
            return self._input_cost(type_, value_from_ast_untyped(node, dict(variables)), weight)

        return Estimate(0, (cost_with,)) if _has_variable(node) else Estimate(cost_with({}))

    def _input_cost(self, type_: Any, value: Any, weight: int | None = None) -> int:
        if value is None:
            return 0
        if isinstance(type_, GraphQLNonNull):
            return self._input_cost(type_.of_type, value, weight)
        if isinstance(type_, GraphQLList):
            items = value if isinstance(value, list) else [value]
            return sum(self._input_cost(type_.of_type, item, weight) for item in items)
        if weight is None:
            weight = self._weights.costs.get((type_.name,))
        if not isinstance(type_, GraphQLInputObjectType) or not isinstance(value, dict):
            return weight or 0
        total = 1 if weight is None else weight
        for name, each in type_.fields.items():
            if name in value:
                total += self._input_cost(each.type, value[name], self._weights.costs.get((type_.name, name)))
        return total


@dataclass(slots=True)
class _Run:
    """One compilation: what it met on its way."""

    compiler: CostCompiler
    fixed: list[Estimate]
    slicing: list[Slicing]

    def selections(
        self, selections: Selections, type_name: str, sized: Mapping[str, Size]
    ) -> tuple[Estimate, dict[str, Shape]]:
        """Returns the cost of one object of a type, and how its answer is counted."""
        compiled: list[tuple[Field, Estimate]] = []
        below: dict[str, Shape] = {}
        for one in selections:
            if one.name in INTROSPECTION:
                continue
            estimate, shape = self._field(one, type_name, sized.get(one.name))
            compiled.append((one, estimate))
            below[one.key] = _merged(below.get(one.key), shape)
        if all(one.types is None for one, _ in compiled):
            return total_of([estimate for _, estimate in compiled]), below
        by_type = [
            total_of([estimate for one, estimate in compiled if one.applies_to(name)])
            for name in sorted(self.compiler.types_at(type_name))
        ]
        return greatest_of(by_type), below

    def _field(self, one: Field, parent: str, size: Size | None) -> tuple[Estimate, Shape]:
        compiler = self.compiler
        owner, definition = self._owner_of(one, parent)
        if definition is None:
            return NOTHING, Shape(0)
        named = get_named_type(definition.type)
        given = _arguments_of(one)
        listed = compiler.list_size_of(owner, one.name)
        own_size = compiler.size_of(listed, given, definition)
        self._note_slicing(owner, one.name, listed, given, definition)
        sized_below = dict.fromkeys(listed.sized_fields, own_size) if listed is not None else {}
        inner, below = NOTHING, dict[str, Shape]()
        if one.selections is not None:
            inner, below = self.selections(one.selections, named.name, sized_below)
        weight = compiler.weight_of(owner, one.name, named)
        estimate = Estimate(weight).plus(inner)
        for _ in range(_list_depth(definition.type)):
            estimate = (size or own_size).times(estimate)
            size, own_size = None, compiler.size_of(None, {}, definition)
        arguments = compiler.argument_cost(owner, one.name, definition, given)
        return estimate.plus(arguments), Shape(weight, below)

    def _owner_of(self, one: Field, parent: str) -> tuple[str, Any]:
        """Returns a type that has the field as it is asked, and its definition there."""
        for owner in (parent, *sorted(one.types or self.compiler.types_at(parent))):
            definition = self.compiler.definition(owner, one.name)
            if definition is not None:
                return owner, definition
        return parent, None

    def _note_slicing(
        self,
        owner: str,
        name: str,
        listed: ListSize | None,
        given: Mapping[str, ValueNode],
        definition: Any,
    ) -> None:
        if listed is None or not listed.slicing_arguments or not listed.requires_one:
            return
        values = [_slice_of(path, given, definition) for path in listed.slicing_arguments]
        variables = tuple(value for value in values if isinstance(value, str))
        constants = sum(1 for value in values if isinstance(value, int))
        self.slicing.append(Slicing(f"{owner}.{name}", listed.slicing_arguments, constants, variables))


def _merged(one: Shape | None, other: Shape) -> Shape:
    """Returns how a key is counted that stands for fields of several types: by the dearer."""
    if one is None:
        return other
    below = {key: _merged(one.below.get(key), shape) for key, shape in other.below.items()}
    return Shape(max(one.weight, other.weight), {**one.below, **below})


def _arguments_of(one: Field) -> dict[str, ValueNode]:
    if not one.arguments:
        return {}
    operation = parse(f"{{ f{one.arguments} }}", no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode), "that is what was written"
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode), "that is what was written"
    return {argument.name.value: argument.value for argument in node.arguments or ()}


def _slice_of(path: str, given: Mapping[str, ValueNode], definition: Any) -> int | str | None:
    """Returns the value of a slicing argument: a number, the name of a variable, or None; `page.first` is one
    of an input object."""
    name, *below = path.split(".")
    node = given.get(name)
    if node is None:
        argument = definition.args.get(name)
        default = argument.ast_node.default_value if argument is not None and argument.ast_node else None
        if default is None:
            return None
        node = default
    for part in below:
        node = next((one.value for one in getattr(node, "fields", ()) if one.name.value == part), None)
        if node is None:
            return None
    if isinstance(node, VariableNode):
        return node.name.value
    value = value_from_ast_untyped(node)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _has_variable(node: ValueNode) -> bool:
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, VariableNode):
            return True
        waiting += getattr(one, "values", ())
        waiting += [each.value for each in _fields_of(one)]
    return False


def _fields_of(node: Any) -> Iterable[Any]:
    return getattr(node, "fields", ()) or ()


def _list_depth(type_: Any) -> int:
    depth = 0
    while isinstance(type_, (GraphQLNonNull, GraphQLList)):
        depth += isinstance(type_, GraphQLList)
        type_ = type_.of_type
    return depth
