"""CONTEXT_INVALID_SELECTION: A @fromContext selects exactly one field of each type that sets the context,
of a type its argument accepts.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.contexts import ContextUse, context_setters, context_uses, selected_types
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import is_list, is_required, named_type, nullable


def context_invalid_selection(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @fromContext selects exactly one fitting field of each type that sets the context."""
    for use in context_uses(subgraph):
        fault = _fault(subgraph, use) if use.context is not None else None
        if fault is not None:
            message = f'The @fromContext of "{use.argument.coordinate}" {fault}.'
            yield error("CONTEXT_INVALID_SELECTION", message, [subgraph.at(use.applied)])


def _fault(subgraph: Subgraph, use: ContextUse) -> str | None:
    selection = use.selection
    if selection is None:
        return f'has "{use.selection_text}" where a selection is needed'
    if use.argument.default is not None:
        return "has a default value, which the context would never let stand"
    for setter in context_setters(subgraph, use.context or ""):
        for name, found in selected_types(subgraph, setter, selection).items():
            if found is None:
                return f'does not select exactly one field of "{name}"'
            if not _fits(found, use.argument.type):
                return f'selects a value of type "{found}" for an argument of type "{use.argument.type}"'
    return None


def _fits(given: str, wanted: str) -> bool:
    # The parent's value may be null even under `!`, which is why the argument itself has to be nullable.
    if is_list(nullable(given)) != is_list(nullable(wanted)) or named_type(given) != named_type(wanted):
        return False
    return is_required(given) or not is_required(wanted)
