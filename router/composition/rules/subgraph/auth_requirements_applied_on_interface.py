"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: No interface, interface field or interface object carries
@authenticated, @requiresScopes or @policy.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Element, Kind, Subgraph

_AUTH = ("authenticated", "requiresScopes", "policy")


def auth_requirements_applied_on_interface(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """No interface, interface field or interface object carries an authorization directive."""
    for definition in subgraph.types.values():
        if definition.kind is not Kind.INTERFACE and not definition.is_interface_object:
            continue
        elements: list[Element] = [definition]
        if definition.kind is Kind.INTERFACE:
            elements += definition.fields.values()
        for element in elements:
            for applied in element.directives:
                if applied.name in _AUTH:
                    message = f'@{applied.name} is on "{element.coordinate}", which is of an interface.'
                    yield error("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", message, [subgraph.at(applied)])
