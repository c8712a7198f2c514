"""Checks the variables of a request against an operation's definitions, which are read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLNonNull,
    GraphQLSchema,
    VariableDefinitionNode,
    get_variable_values,
    type_from_ast,
)

from router.config import LimitsConfig
from router.pipeline.limits import largest_list, limit_error
from router.pipeline.refuse import RefusedError, response_error

_ERRORS_MAX = 50
_INT_MAX = 2**31
_Check = Callable[[Any], bool]


class VariableCoercer:
    """Coerces the variables of one operation (GraphQL spec, 6.1.2).

    Values of built-in scalars and enums are checked here; where one is missing, or is of any other type, or
    not what it should be, graphql-core decides about all of them and words the errors. Only those can hold
    lists, which are counted before.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        definitions: Sequence[VariableDefinitionNode],
        list_items_max: int = LimitsConfig().max_list_items,
        *,
        hides_suggestions: bool = False,
    ) -> None:
        self._hides_suggestions = hides_suggestions
        self._list_items_max = list_items_max
        self._schema = schema
        self._definitions = definitions
        self._plain = _plain_checks(schema, definitions)

    def coerce(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns the variables' values with defaults.

        Raises RefusedError when one is of a wrong type, ClientError when a list in them is too long.
        """
        if not self._definitions:
            return {}
        if self._plain is not None and all(
            name in given and check(given[name]) for name, check in self._plain
        ):
            return given
        if largest_list(given.values()) > self._list_items_max:
            message = f"A list in the variables has more than {self._list_items_max} items."
            raise limit_error(message, "max_list_items")
        try:
            coerced = get_variable_values(
                self._schema,
                self._definitions,
                dict(given),
                max_errors=_ERRORS_MAX,
                hide_suggestions=self._hides_suggestions,
            )
        except GraphQLError as error:
            raise RefusedError(response_error(error, "BAD_USER_INPUT")) from error
        if isinstance(coerced, list):
            raise RefusedError(*(response_error(error, "BAD_USER_INPUT") for error in coerced))
        return coerced.coerced


def _plain_checks(
    schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]
) -> tuple[tuple[str, _Check], ...] | None:
    """Returns a check for each variable, None when one is of a type that is not checked here."""
    found: list[tuple[str, _Check]] = []
    for definition in definitions:
        type_ = type_from_ast(schema, definition.type)
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(bare, GraphQLEnumType):
            check = frozenset(bare.values).__contains__
            check = _string_in(check)
        else:
            check = _SCALARS.get(str(bare))
        if check is None:
            return None
        is_nullable = bare is type_
        found.append((definition.variable.name.value, _nullable(check) if is_nullable else check))
    return tuple(found)


def _string_in(contains: _Check) -> _Check:
    return lambda value: type(value) is str and contains(value)


def _nullable(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


_SCALARS: Mapping[str, _Check] = {
    "String": lambda value: type(value) is str,
    "ID": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and -_INT_MAX <= value < _INT_MAX,
    "Float": lambda value: type(value) is float and isfinite(value),
}
