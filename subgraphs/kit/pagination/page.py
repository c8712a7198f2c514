"""One page of a statement, fetched with one row more than asked to know whether there are others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.cursors import decode_cursor, encode_cursor
from subgraphs.kit.pagination.keyset import Keyset

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where a page comes from: the session, the whole filtered list, and its order."""

    session: AsyncSession
    statement: Select[Any]
    keyset: Keyset

    async def count(self) -> int:
        """Returns how many rows the whole list has."""
        rows = self._bare().subquery()
        return await self.session.scalar(select(func.count()).select_from(rows)) or 0

    async def has_any(self, condition: ColumnElement[bool]) -> bool:
        """Whether a row of the list meets the condition."""
        found = exists(self._bare().where(condition))
        return bool(await self.session.scalar(select(found)))

    def _bare(self) -> Select[Any]:
        last_key = self.keyset.keys[-1].expression
        return self.statement.with_only_columns(last_key, maintain_column_froms=True).order_by(None)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page with their cursors, and what is needed to answer about the rest."""

    source: PageSource
    items: tuple[T, ...]
    cursors: tuple[str, ...]
    arguments: PageArguments
    more: bool
    """Whether the slice itself was cut short."""

    def map(self, convert: Callable[[T], U]) -> Page[U]:
        """Returns the page with each item converted."""
        items = tuple(convert(item) for item in self.items)
        return Page(self.source, items, self.cursors, self.arguments, self.more)

    async def has_next(self) -> bool:
        """Whether rows follow this page in the list; costs a statement only after a `before` cursor."""
        if not self.arguments.backward and self.more:
            return True
        if self.arguments.before is None:
            return False
        keyset = self.source.keyset
        values = _values(self.arguments.before, keyset)
        return await self.source.has_any(~keyset.before(values))

    async def has_previous(self) -> bool:
        """Whether rows precede this page in the list; costs a statement only after an `after` cursor."""
        if self.arguments.backward and self.more:
            return True
        if self.arguments.after is None:
            return False
        keyset = self.source.keyset
        values = _values(self.arguments.after, keyset)
        return await self.source.has_any(~keyset.after(values))


async def fetch_page(
    session: AsyncSession, statement: Select[T], keyset: Keyset, arguments: PageArguments
) -> Page[T]:
    """Returns the page; the statement selects one entity (or column) and carries every filter."""
    keys = [key.expression.label(f"keyset_{index}") for index, key in enumerate(keyset.keys)]
    sliced = statement.add_columns(*keys)
    if arguments.after is not None:
        sliced = sliced.where(keyset.after(_values(arguments.after, keyset)))
    if arguments.before is not None:
        sliced = sliced.where(keyset.before(_values(arguments.before, keyset)))
    sliced = sliced.order_by(None).order_by(*keyset.order_by(reverse=arguments.backward))
    found = (await session.execute(sliced.limit(arguments.size + 1))).all()
    rows = list(found[: arguments.size])
    if arguments.backward:
        rows.reverse()
    return Page(
        source=PageSource(session, statement, keyset),
        items=tuple(row[0] for row in rows),
        cursors=tuple(encode_cursor(keyset.fingerprint, row[-len(keys) :]) for row in rows),
        arguments=arguments,
        more=len(found) > arguments.size,
    )


def _values(cursor: str, keyset: Keyset) -> list[Any]:
    return decode_cursor(cursor, keyset.fingerprint, keyset.types)
