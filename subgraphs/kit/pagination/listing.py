"""Gives a list field its four Relay arguments, and its resolver one checked `page` in their place."""

from __future__ import annotations

from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from subgraphs.kit.context import Info
from subgraphs.kit.pagination.arguments import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PageArguments

_ARGUMENTS = (
    (
        "first",
        int | None,
        f"How many from the start; {PAGE_SIZE_DEFAULT} unless told, at most {PAGE_SIZE_MAX}.",
    ),
    ("after", str | None, "Only what follows this cursor."),
    ("last", int | None, f"How many from the end, at most {PAGE_SIZE_MAX}."),
    ("before", str | None, "Only what precedes this cursor."),
)


class PagedBy(FieldExtension):
    """Replaces the resolver's parameter `page: PageArguments` by first, after, last and before."""

    def apply(self, field: StrawberryField) -> None:
        """Declares the arguments; runs once for each schema the field stands in."""
        own = [
            each
            for each in field.arguments
            if each.python_name not in ("page", "first", "after", "last", "before")
        ]
        field.arguments = own + [
            StrawberryArgument(
                python_name=name,
                graphql_name=None,
                type_annotation=StrawberryAnnotation(annotation),
                description=description,
                default=None,
            )
            for name, annotation, description in _ARGUMENTS
        ]

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Runs the resolver with the checked slice."""
        given = {name: kwargs.pop(name, None) for name, _, _ in _ARGUMENTS}
        return await next_(source, info, page=PageArguments.of(**given), **kwargs)
