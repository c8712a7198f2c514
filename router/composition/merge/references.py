"""Merging of type references: outputs become as wide as needed, inputs as narrow as needed."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.type_ref import is_list, is_required, item_type, nullable


def is_subtype(view: SubgraphsView, sub: str, sup: str) -> bool:
    """Whether every value of `sub` is a value of `sup` in the supergraph."""
    if sub == sup:
        return True
    if is_required(sub):
        return is_subtype(view, nullable(sub), nullable(sup))
    if is_required(sup):
        return False
    if is_list(sub) or is_list(sup):
        return is_list(sub) and is_list(sup) and is_subtype(view, item_type(sub), item_type(sup))
    return _is_below(view, sub, sup)


def _is_below(view: SubgraphsView, sub: str, sup: str) -> bool:
    seen: set[str] = set()
    waiting = [sub]
    while waiting:
        name = waiting.pop()
        if name == sup:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(view.supertypes.get(name, ()))
    return False


def merge_output_type(view: SubgraphsView, types: Sequence[str]) -> str | None:
    """The one of the types that all others are subtypes of, or None."""
    if len(set(types)) == 1:
        return types[0]
    return next((wide for wide in types if all(is_subtype(view, one, wide) for one in types)), None)


def merge_input_type(view: SubgraphsView, types: Sequence[str]) -> str | None:
    """The one of the types that is a subtype of all others, or None."""
    if len(set(types)) == 1:
        return types[0]
    return next((narrow for narrow in types if all(is_subtype(view, narrow, one) for one in types)), None)
