"""A field's arguments: coerced once for the operation where they hold no variable, else once for each run.

Values that a resolver could change (lists, dicts, input objects, anything unknown) are made anew for each
call.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import FieldNode, GraphQLField, ValueNode, VariableNode, get_argument_values

from subgraphs.kit.execution.resolution import Convert

_IMMUTABLE = frozenset(
    {str, int, float, bool, bytes, type(None), Decimal, UUID, date, datetime, time, timedelta}
)


class Arguments:
    """The arguments of one field of an operation; called with the run, returns the keywords for the resolver.

    `constant` holds them when they are the same in every run. `index` is their place among the run's own.
    """

    def __init__(self, field: GraphQLField, node: FieldNode, convert: Convert | None, index: int) -> None:
        self._field = field
        self._node = node
        self._convert = convert
        self.index = index
        self.constant = self._find_constant()

    def __call__(self, run: Any) -> dict[str, Any]:
        """Returns the keywords; raises what graphql-core raises for values that do not fit."""
        keywords = self._coerce(run.variable_values, run.hide_suggestions)
        if is_immutable(keywords):
            run.arguments[self.index] = keywords
        return keywords

    def _coerce(self, variables: Any, hide_suggestions: bool) -> dict[str, Any]:
        values = get_argument_values(
            self._field, self._node, variables, None, hide_suggestions=hide_suggestions
        )
        return values if self._convert is None else self._convert(values)

    def _find_constant(self) -> dict[str, Any] | None:
        if any(has_variable(argument.value) for argument in self._node.arguments or ()):
            return None
        try:
            keywords = self._coerce(None, hide_suggestions=True)
        except Exception:  # noqa: BLE001 - to be raised at the field, in each run
            return None
        return keywords if is_immutable(keywords) else None


def is_immutable(keywords: dict[str, Any]) -> bool:
    """Returns whether no resolver can change what it is given."""
    return all(type(value) in _IMMUTABLE or isinstance(value, Enum) for value in keywords.values())


def has_variable(node: ValueNode) -> bool:
    """Returns whether a variable stands anywhere in the literal."""
    if isinstance(node, VariableNode):
        return True
    inner = getattr(node, "values", None) or [field.value for field in getattr(node, "fields", None) or ()]
    return any(has_variable(each) for each in inner)
