"""Field sets: the selections written in `@key(fields:)`, `@requires(fields:)` and `@provides(fields:)`."""

from __future__ import annotations

from functools import lru_cache

from graphql import FragmentSpreadNode, GraphQLSyntaxError, OperationDefinitionNode, SelectionSetNode, parse


class FieldSetError(ValueError):
    """The text is not a field set; `column` counts characters of the text from 1, when it is known."""

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """Parse a field set, written with or without its outer braces.

    Raises `FieldSetError` when the text is empty, is no selection, or holds a named fragment spread
    (a field set has no place to define one).
    """
    body = text.strip()
    if not body:
        raise FieldSetError("a field set cannot be empty")
    if not body.startswith("{"):
        body = "{" + body + "}"
    try:
        document = parse(body, no_location=True)
    except GraphQLSyntaxError as error:
        raise FieldSetError(_plain_message(error), _column(error)) from error
    definition = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(definition, OperationDefinitionNode):
        raise FieldSetError("a field set holds one selection and nothing else")
    _refuse_fragment_spreads(definition.selection_set)
    return definition.selection_set


def _refuse_fragment_spreads(selection_set: SelectionSetNode) -> None:
    for selection in selection_set.selections:
        if isinstance(selection, FragmentSpreadNode):
            raise FieldSetError(f'a field set cannot use the named fragment "{selection.name.value}"')
        inner = getattr(selection, "selection_set", None)
        if inner is not None:
            _refuse_fragment_spreads(inner)


def _plain_message(error: GraphQLSyntaxError) -> str:
    return error.message.removeprefix("Syntax Error: ").rstrip(".")


def _column(error: GraphQLSyntaxError) -> int | None:
    return error.locations[0].column if error.locations else None
