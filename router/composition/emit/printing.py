"""Prints the parts of a schema document that supergraph and API schema share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from graphql import print_ast
from graphql.language import StringValueNode
from graphql.language.block_string import is_printable_as_block_string

from router.composition.merge.model import (
    MergedDirective,
    MergedDirectiveDefinition,
    MergedElement,
    MergedField,
    MergedInput,
    MergedType,
)
from router.composition.subgraph.model import Kind

_KEYWORDS = {
    Kind.OBJECT: "type",
    Kind.INTERFACE: "interface",
    Kind.UNION: "union",
    Kind.ENUM: "enum",
    Kind.SCALAR: "scalar",
    Kind.INPUT: "input",
}


@dataclass(frozen=True, slots=True)
class SchemaPrinter:
    """How one kind of document prints: which elements it shows, and the directives each carries there."""

    shows: Callable[[MergedElement], bool]
    shows_type: Callable[[str], bool]
    directives: Callable[[MergedElement], Sequence[str]]

    def print_type(self, merged: MergedType) -> str:
        """One type definition; types without visible members print without a body."""
        head = f"{print_description(merged.description)}{_KEYWORDS[merged.kind]} {merged.name}"
        interfaces = [name for name in merged.implements if self.shows_type(name)]
        if interfaces:
            head += f" implements {' & '.join(interfaces)}"
        directives = self.directives(merged)
        many = len(directives) > 1
        head += "".join(f"\n  {text}" if many else f" {text}" for text in directives)
        if merged.kind is Kind.UNION:
            members = [name for name in merged.members if self.shows_type(name)]
            return f"{head}{chr(10) if many else ''} = {' | '.join(members)}"
        body = self._body(merged)
        if not body:
            return head
        return f"{head}{chr(10) if many else ' '}{{\n{chr(10).join(body)}\n}}"

    def _body(self, merged: MergedType) -> list[str]:
        lines = [self._print_field(field) for field in merged.fields.values() if self.shows(field)]
        lines += [
            self._print_input_field(field) for field in merged.input_fields.values() if self.shows(field)
        ]
        lines += [
            print_description(value.description, "  ") + "  " + self._with_directives(value.name, value)
            for value in merged.values.values()
            if self.shows(value)
        ]
        return lines

    def _print_field(self, field: MergedField) -> str:
        arguments = self.print_arguments(field.arguments.values(), "  ")
        line = self._with_directives(f"{field.name}{arguments}: {field.type}", field)
        return f"{print_description(field.description, '  ')}  {line}"

    def _print_input_field(self, field: MergedInput) -> str:
        return f"{print_description(field.description, '  ')}  {self._print_input(field)}"

    def _print_input(self, value: MergedInput) -> str:
        default = f" = {value.default}" if value.default is not None else ""
        return self._with_directives(f"{value.name}: {value.type}{default}", value)

    def _with_directives(self, text: str, element: MergedElement) -> str:
        return " ".join([text, *self.directives(element)])

    def print_arguments(self, arguments: Iterable[MergedInput], indent: str = "") -> str:
        """The arguments of a field or directive; on lines of their own when one has a description."""
        shown = [argument for argument in arguments if self.shows(argument)]
        if not shown:
            return ""
        if any(argument.description for argument in shown):
            lines = "".join(
                print_description(argument.description, indent + "  ")
                + f"{indent}  {self._print_input(argument)}\n"
                for argument in shown
            )
            return f"(\n{lines}{indent})"
        return f"({', '.join(self._print_input(argument) for argument in shown)})"

    def print_directive_definition(self, definition: MergedDirectiveDefinition) -> str:
        """One directive definition."""
        repeatable = " repeatable" if definition.repeatable else ""
        return (
            f"{print_description(definition.description)}directive @{definition.name}"
            f"{self.print_arguments(definition.arguments.values())}{repeatable}"
            f" on {' | '.join(definition.places)}"
        )


def print_description(text: str | None, indent: str = "") -> str:
    """A description on lines of its own, or nothing."""
    if not text:
        return ""
    block = is_printable_as_block_string(text)
    printed = print_ast(StringValueNode(value=text, block=block))
    return "".join(f"{indent}{line}\n" if line else "\n" for line in printed.split("\n"))


def print_directive(applied: MergedDirective) -> str:
    """One directive application."""
    if not applied.arguments:
        return f"@{applied.name}"
    return f"@{applied.name}({', '.join(f'{name}: {text}' for name, text in applied.arguments)})"
