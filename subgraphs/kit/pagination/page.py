"""One page of a statement, fetched with one row more than asked to know whether there are others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.cursors import decode_cursor, encode_cursor
from subgraphs.kit.pagination.keyset import Keyset
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, ReadSelect
from subgraphs.kit.row_reader import WithColumns

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where a page comes from: the session, the whole filtered list with its parameters, and its order."""

    session: AsyncSession
    statement: Select[Any]
    keyset: Keyset
    parameters: Mapping[str, Any]

    async def count(self) -> int:
        """Returns how many rows the whole list has."""
        rows = self._bare().subquery()
        statement = select(func.count()).select_from(rows)
        return await self.session.scalar(statement, dict(self.parameters)) or 0

    async def has_any(self, condition: ColumnElement[bool]) -> bool:
        """Whether a row of the list meets the condition."""
        found = exists(self._bare().where(condition))
        return bool(await self.session.scalar(select(found), dict(self.parameters)))

    def _bare(self) -> Select[Any]:
        last_key = self.keyset.keys[-1].expression
        return self.statement.with_only_columns(last_key, maintain_column_froms=True).order_by(None)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page with their places in the order, and what is needed to answer about the rest."""

    source: PageSource
    items: tuple[T, ...]
    places: tuple[Sequence[Any], ...]
    arguments: PageArguments
    more: bool
    """Whether the slice itself was cut short."""

    def cursor(self, index: int) -> str:
        """Returns the cursor of the item; written when it is asked for, which most requests do not."""
        return encode_cursor(self.source.keyset.fingerprint, self.places[index])

    def map(self, convert: Callable[[T], U]) -> Page[U]:
        """Returns the page with each item converted."""
        items = tuple(convert(item) for item in self.items)
        return Page(self.source, items, self.places, self.arguments, self.more)

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
    session: AsyncSession, source: Listed[T] | Select[T], keyset: Keyset, arguments: PageArguments
) -> Page[T]:
    """Returns the page of the list, which carries every filter.

    A plain select of one entity is read through SQLAlchemy: right for lists that are seldom asked for.
    """
    listed = source if isinstance(source, Listed) else _entities(source)
    given: dict[str, Any] = {**listed.parameters, "page_size": arguments.size + 1}
    for name, cursor in (("after", arguments.after), ("before", arguments.before)):
        if cursor is not None:
            values = _values(cursor, keyset)
            given.update((f"{name}_{index}", value) for index, value in enumerate(values))
    found = list(await _prepared(listed, keyset, arguments).all(session, **given))
    rows = found[: arguments.size]
    if arguments.backward:
        rows.reverse()
    return Page(
        source=PageSource(session, listed.statement, keyset, listed.parameters),
        items=tuple(item for item, _ in rows),
        places=tuple(place for _, place in rows),
        arguments=arguments,
        more=len(found) > arguments.size,
    )


class _EntityReader:
    """Reads the one entity (or column) of each row, with the session's own means."""

    columns = (None,)

    def of_record(self, record: Any) -> Any:
        """Makes the object of the driver's record, of which entities are never read."""
        raise AssertionError("an entity is read by its session")

    def of_row(self, row: Any) -> Any:
        """Returns the entity."""
        return row[0]


def _entities(statement: Select[T]) -> Listed[T]:
    reader: Any = _EntityReader()
    return Listed(cast("Select[Any]", statement), reader, prepared=None)


def _prepared(listed: Listed[T], keyset: Keyset, arguments: PageArguments) -> ReadSelect[Any]:
    """Returns what reads (row, place) pairs of such a page."""
    reader = WithColumns(listed.reader, *[key.expression for key in keyset.keys])
    if listed.prepared is None:
        return ReadSelect(_sliced(listed, keyset, arguments), reader)
    shape = (
        keyset.fingerprint,
        arguments.after is not None,
        arguments.before is not None,
        arguments.backward,
    )
    return listed.prepared.get(shape, lambda: PreparedSelect(_sliced(listed, keyset, arguments), reader))


def _sliced(listed: Listed[Any], keyset: Keyset, arguments: PageArguments) -> Select[Any]:
    """Returns the statement of the slice; its values are parameters."""
    keys = [key.expression.label(f"keyset_{index}") for index, key in enumerate(keyset.keys)]
    sliced = listed.statement.add_columns(*keys)
    if arguments.after is not None:
        sliced = sliced.where(keyset.after(_parameters("after", keyset)))
    if arguments.before is not None:
        sliced = sliced.where(keyset.before(_parameters("before", keyset)))
    ordered = sliced.order_by(None).order_by(*keyset.order_by(reverse=arguments.backward))
    return ordered.limit(bindparam("page_size", type_=Integer))


def _parameters(name: str, keyset: Keyset) -> list[ColumnElement[Any]]:
    return [bindparam(f"{name}_{index}", type_=key.expression.type) for index, key in enumerate(keyset.keys)]


def _values(cursor: str, keyset: Keyset) -> list[Any]:
    return decode_cursor(cursor, keyset.fingerprint, keyset.types)
