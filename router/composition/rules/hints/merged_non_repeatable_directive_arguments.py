"""MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: A directive that can stand once has different arguments, which
are combined.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directives import printed_name
from router.composition.merge.view import SubgraphsView
from router.composition.rules.applications import differing_applications

_COMBINED = ("cost", "listSize", "requiresScopes", "policy")


def merged_non_repeatable_directive_arguments(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A directive that can stand once has different arguments, which are combined."""
    for coordinate, name, places in differing_applications(view):
        if name in _COMBINED:
            message = (
                f'@{printed_name(view, name)} on "{coordinate}" has different arguments, which are combined.'
            )
            yield hint("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", message, places)
