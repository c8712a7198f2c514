"""Emits the API schema: what clients see, without join facts, federation's features and hidden elements."""

from __future__ import annotations

from router.composition.emit.printing import SchemaPrinter, print_directive
from router.composition.merge.directive_definitions import EXECUTABLE_PLACES
from router.composition.merge.merge import ROOTS
from router.composition.merge.model import MergedElement, MergedSchema

_SHOWN_DIRECTIVES = ("deprecated", "specifiedBy", "oneOf")


def emit_api_schema(schema: MergedSchema) -> str:
    """Print the API schema."""

    def shows(element: MergedElement) -> bool:
        return not schema.hides(element)

    def shows_type(name: str) -> bool:
        return name not in schema.types or shows(schema.types[name])

    def directives(element: MergedElement) -> list[str]:
        return [print_directive(d) for d in element.directives if d.name in _SHOWN_DIRECTIVES]

    printer = SchemaPrinter(shows, shows_type, directives)
    parts = [
        printer.print_directive_definition(definition)
        for definition in schema.directive_definitions
        if set(definition.places) & EXECUTABLE_PLACES
    ]
    roots = [f"  {root.lower()}: {root}" for root in ROOTS if root in schema.types and shows_type(root)]
    parts.insert(0, "schema {\n" + "\n".join(roots) + "\n}")
    parts += [printer.print_type(merged) for merged in schema.types.values() if shows(merged)]
    return "\n\n".join(parts) + "\n"
