"""Gives interfaces the authorization of their implementations, any of which a reader may meet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from router.composition.merge.directives import print_alternatives
from router.composition.merge.model import MergedDirective, MergedElement, MergedType
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind

_WITH_ALTERNATIVES = {"requiresScopes": "scopes", "policy": "policies"}


def add_interface_authorization(view: SubgraphsView, types: dict[str, MergedType]) -> None:
    """Join what the implementations ask for, on the interface and on each of its fields.

    Before: `interface Named { name }`, `type A implements Named { name @authenticated }`
    After:  `interface Named { name @authenticated }`
    """
    for interface in types.values():
        if interface.kind is Kind.INTERFACE:
            below = [types[name] for name in view.implementations.get(interface.name, ())]
            _add(view, interface, below)
            for field in interface.fields.values():
                _add(view, field, [one.fields[field.name] for one in below if field.name in one.fields])


def _add(view: SubgraphsView, element: MergedElement, below: Sequence[MergedElement]) -> None:
    names = view.composed.feature_names
    applied = [directive for one in below for directive in one.directives]
    added: list[MergedDirective] = []
    if any(directive.name == names["authenticated"] for directive in applied):
        added.append(MergedDirective(names["authenticated"]))
    for feature, argument in _WITH_ALTERNATIVES.items():
        texts = [directive.arguments[0][1] for directive in applied if directive.name == names[feature]]
        if texts:
            added.append(MergedDirective(names[feature], ((argument, _all_of(texts)),)))
    element.directives += tuple(added)


def _all_of(texts: Iterable[str]) -> str:
    combined = [frozenset[str]()]
    for text in dict.fromkeys(texts):
        alternatives = [frozenset(group) for group in json.loads(text)]
        combined = list(dict.fromkeys(one | other for one in combined for other in alternatives))
    return print_alternatives(combined)
