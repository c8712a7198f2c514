"""Rows as plain objects: the columns of a mapped class as attributes, and nothing of the ORM behind them.

A list makes thousands of rows that are read once and thrown away. As entities of a session each costs 15
microseconds and more: identity map, state, instrumented attributes. As objects with slots, written by a
function that is generated for the class, they cost one or two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import ColumnElement, Select, inspect, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.orm import QueryableAttribute, contains_eager

R = TypeVar("R")


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


DIALECT = asyncpg_dialect(json_serializer=_dumps, json_deserializer=orjson.loads)
"""What statements are compiled for, and by what values are read, without an engine at hand."""

Decode = Callable[[Any], Any]


def decoder_of(column: ColumnElement[Any] | QueryableAttribute[Any]) -> Decode | None:
    """Returns what makes the column's value of the driver's; None where they are the same."""
    return column.type.dialect_impl(DIALECT).result_processor(DIALECT, None)


class RowReader(Generic[R]):
    """Reads rows of `columns` as objects that stand for `entity`, the class they are declared to be.

    They have its columns, and of its relationships those that are named with a reader of their own, and no
    more: they belong to no session, and what is written to them is not stored.
    """

    def __init__(self, entity: type[R], **related: RowReader[Any]) -> None:
        mapper: Any = inspect(entity).mapper  # of the class, or of what it is an alias of
        keys = [attribute.key for attribute in mapper.column_attrs]
        self.entity = entity
        self._name = mapper.class_.__name__
        own = [getattr(entity, key) for key in keys]
        self.columns: list[Any] = own + [column for reader in related.values() for column in reader.columns]
        namespace = {"__slots__": (*keys, *related), "__doc__": f"A row of {self._name}, read only."}
        self._class = type(f"{self._name}Read", (), namespace)
        self._places = [(key, index, decoder_of(own[index])) for index, key in enumerate(keys)]
        self._related = related
        self.of_record: Callable[[Any], R] = self._generate(decodes=True)
        """Makes the object of the driver's record."""
        self.of_row: Callable[[Any], R] = self._generate(decodes=False)
        """Makes the object of a row that SQLAlchemy has read."""

    def select(self) -> Select[Any]:
        """Returns the select of the columns."""
        return cast("Select[Any]", select(*self.columns))

    def entities(self, statement: Select[Any]) -> Select[Any]:
        """Returns the statement as one of the mapped class itself, its named relationships filled."""
        selected = statement.with_only_columns(self.entity, maintain_column_froms=True)
        return selected.options(*[contains_eager(getattr(self.entity, name)) for name in self._related])

    def _generate(self, *, decodes: bool) -> Callable[[Any], R]:
        names: dict[str, Any] = {}
        body = "\n".join(f"    {line}" for line in self._lines("row", names, 0, decodes=decodes))
        text = f"def read(row):\n{body}\n    return row0\n"
        exec(compile(text, f"<rows of {self._name}>", "exec"), names)  # noqa: S102 - of columns' names
        return cast("Callable[[Any], R]", names["read"])

    def _lines(self, made: str, names: dict[str, Any], start: int, *, decodes: bool) -> list[str]:
        """Returns the lines that make this object; the first column of it is at `start`."""
        it = f"{made}{start}"
        names[f"new{start}"], names[f"class{start}"] = object.__new__, self._class
        lines = [f"{it} = new{start}(class{start})"]
        for key, index, decode in self._places:
            value = f"row[{start + index}]"
            if decodes and decode is not None:
                names[f"decode{start + index}"] = decode
                value = f"decode{start + index}({value})"
            lines.append(f"{it}.{key} = {value}")
        at = start + len(self._places)
        for key, reader in self._related.items():
            lines += reader._lines(made, names, at, decodes=decodes)  # noqa: SLF001 - of its own class
            lines.append(f"{it}.{key} = {made}{at}")
            at += len(reader.columns)
        return lines


class WithColumns(Generic[R]):
    """Reads rows as pairs: the reader's object, and the values of further columns behind its own."""

    def __init__(self, reader: RowReader[R], *columns: ColumnElement[Any] | QueryableAttribute[Any]) -> None:
        self._reader = reader
        self._size = len(reader.columns)
        self._decoders = [decoder_of(column) for column in columns]
        self.columns = [*reader.columns, *columns]

    def select(self) -> Select[Any]:
        """Returns the select of the columns."""
        return cast("Select[Any]", select(*self.columns))

    def of_record(self, record: Any) -> tuple[R, Sequence[Any]]:
        """Makes the pair of the driver's record."""
        pairs = zip(self._decoders, record[self._size :], strict=True)
        values = [value if decode is None else decode(value) for decode, value in pairs]
        return self._reader.of_record(record), values

    def of_row(self, row: Any) -> tuple[R, Sequence[Any]]:
        """Makes the pair of a row that SQLAlchemy has read."""
        return self._reader.of_row(row), row[self._size :]


class TupleReader:
    """Reads rows of columns that belong to no one class as tuples."""

    def __init__(self, *columns: ColumnElement[Any] | QueryableAttribute[Any]) -> None:
        self.columns = columns
        self._decoders = [decoder_of(column) for column in columns]
        self._decodes = any(self._decoders)

    def select(self) -> Select[Any]:
        """Returns the select of the columns."""
        return cast("Select[Any]", select(*self.columns))

    def of_record(self, record: Any) -> tuple[Any, ...]:
        """Makes the tuple of the driver's record."""
        if not self._decodes:
            return record
        pairs = zip(self._decoders, record, strict=True)
        return tuple(value if decode is None else decode(value) for decode, value in pairs)

    def of_row(self, row: Any) -> tuple[Any, ...]:
        """Makes the tuple of a row that SQLAlchemy has read."""
        return row
