"""INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: A directive that can stand once has different arguments,
of which one set is kept.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.directives import is_single_with_arguments, printed_name
from router.composition.merge.view import SubgraphsView
from router.composition.rules.applications import differing_applications


def inconsistent_non_repeatable_directive_arguments(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A directive that can stand once has different arguments, of which one set is kept."""
    for coordinate, name, places in differing_applications(view):
        if is_single_with_arguments(view, name):
            shown = printed_name(view, name)
            message = f'@{shown} on "{coordinate}" has different arguments; the most frequent are kept.'
            yield hint("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", message, places)
