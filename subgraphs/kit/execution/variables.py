"""Variables: what about them is the same in every run is found once.

Whatever is unusual about the values (missing, wrong, of input objects) is left to graphql-core, which does it
anew and knows what to say; here are values of scalars and enums, and lists of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_variable_values,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

COERCION_ERRORS_MAX = 50

Coerce = Callable[[Any], Any]


class Variables:
    """The variables an operation declares."""

    def __init__(self, schema: GraphQLSchema, definition: OperationDefinitionNode, hide: bool) -> None:
        self._schema = schema
        self._declared = definition.variable_definitions or ()
        self._hide_suggestions = hide
        self._known = self._find_known()

    def coerce(self, given: Mapping[str, Any]) -> Any:
        """Returns graphql-core's VariableValues, or the list of what is wrong with the values."""
        return self._quickly(given) or get_variable_values(
            self._schema,
            self._declared,
            dict(given),
            max_errors=COERCION_ERRORS_MAX,
            hide_suggestions=self._hide_suggestions,
        )

    def _find_known(self) -> list[tuple[GraphQLVariableSignature, Coerce]] | None:
        known = []
        for node in self._declared:
            signature = get_variable_signature(self._schema, node)
            coerce = _coercion_of(signature.type) if isinstance(signature, GraphQLVariableSignature) else None
            if coerce is None:
                return None
            known.append((signature, coerce))
        return known

    def _quickly(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Returns the values if each of them is there and right."""
        if self._known is None:
            return None
        sources: dict[str, Any] = {}
        coerced: dict[str, Any] = {}
        for signature, coerce in self._known:
            name = signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                return None
            sources[name] = VariableValueSource(signature, value)
            try:
                coerced[name] = coerce(value)
            except Exception:  # noqa: BLE001 - graphql-core says what is wrong
                return None
            if coerced[name] is Undefined:
                return None
        return VariableValues(sources, coerced)


def _coercion_of(type_: Any) -> Coerce | None:
    """Returns what coerces a leaf or a list of them; it raises, or answers Undefined, for a wrong value."""
    nullable = not is_non_null_type(type_)
    inner = type_ if nullable else type_.of_type
    if is_leaf_type(inner):
        return _of_leaf(inner.coerce_input_value, nullable)
    if not is_list_type(inner):
        return None
    item = inner.of_type
    leaf = item.of_type if is_non_null_type(item) else item
    if not is_leaf_type(leaf):
        return None
    return _of_list(_of_leaf(leaf.coerce_input_value, not is_non_null_type(item)), nullable)


def _of_leaf(coerce: Coerce, nullable: bool) -> Coerce:
    def of(value: Any) -> Any:
        if value is None:
            return None if nullable else Undefined
        return coerce(value)

    return of


def _of_list(coerce_item: Coerce, nullable: bool) -> Coerce:
    def of(value: Any) -> Any:
        if value is None:
            return None if nullable else Undefined
        if type(value) is not list:
            return Undefined
        items = [coerce_item(item) for item in value]
        # By identity: a scalar's value may have an `==` of its own.
        return Undefined if any(item is Undefined for item in items) else items

    return of
