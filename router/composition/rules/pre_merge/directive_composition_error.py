"""DIRECTIVE_COMPOSITION_ERROR: A @composeDirective names a directive that its subgraph links and defines,
at one major version everywhere.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.composed import ComposedDirective, is_composable
from router.composition.merge.view import SubgraphsView
from router.federation.link import SPECS


def directive_composition_error(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A @composeDirective names a directive that its subgraph links and defines, at one major version
    everywhere.
    """
    linked: dict[str, ComposedDirective] = {}
    for request in view.composed.requests:
        fault = _fault(request)
        place = request.subgraph.at(request.applied)
        if fault is not None:
            yield error("DIRECTIVE_COMPOSITION_ERROR", f"@composeDirective {fault}.", [place])
            continue
        assert request.link is not None, "a request without a fault has its link"
        url = request.link.url
        other = linked.setdefault(f"{url.identity}#{request.element}", request)
        if other.link is None or other is request:
            continue
        if (other.link.url.version or (0, 0))[0] != (url.version or (0, 0))[0]:
            message = f'"@{request.element}" is composed at different major versions.'
            yield error("DIRECTIVE_COMPOSITION_ERROR", message, [place, other.subgraph.at(other.applied)])
        elif other.local_name != request.local_name:
            message = (
                f'"@{request.element}" is composed under the names "@{other.local_name}" and '
                f'"@{request.local_name}".'
            )
            yield error("DIRECTIVE_COMPOSITION_ERROR", message, [place, other.subgraph.at(other.applied)])


def _fault(request: ComposedDirective) -> str | None:
    name = request.applied.text("name") or ""
    if not name.startswith("@") or len(name) < 2:
        return f'needs a directive\'s name with its @, not "{name}"'
    if request.link is None:
        return f'names "{name}", which no @link of the subgraph brings'
    if request.link.url.identity.startswith(SPECS + "/federation") and not is_composable(request.element):
        return f'names "{name}", which federation does not let pass'
    if request.definition is None and not request.link.url.identity.startswith(SPECS + "/"):
        return f'names "{name}", which the subgraph does not define'
    return None
