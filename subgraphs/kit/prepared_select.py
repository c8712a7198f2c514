"""Selects that are built and compiled once, and given to the driver as text and arguments.

Building a select, finding its compiled form, and reading its rows through SQLAlchemy costs ten times what the
driver needs for the statement itself. What of it is the same in every request is done when the module is
imported; values that change are named parameters. A list of ids is one parameter (`one_of`), so that the text
does not hang on their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.row_reader import DIALECT, RowReader
from subgraphs.kit.sessions import SnapshotSession

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


def one_of(column: Any, parameter: str) -> ColumnElement[bool]:
    """Returns the condition that the column is one of the values of the parameter, which is a list."""
    return column == any_(bindparam(parameter, type_=ARRAY(column.type)))


class Reader(Protocol[R_co]):
    """Makes objects of rows, those of the driver and those of SQLAlchemy."""

    def of_record(self, record: Any, /) -> R_co:
        """Makes the object of the driver's record."""
        ...

    def of_row(self, row: Any, /) -> R_co:
        """Makes the object of a row that SQLAlchemy has read."""
        ...


class ReadSelect(Generic[R]):
    """A select of the reader's columns that belongs to one request, and goes through SQLAlchemy."""

    def __init__(self, statement: Select[Any], reader: Reader[R]) -> None:
        self.statement = statement
        self._reader = reader

    async def all(self, session: AsyncSession, **parameters: Any) -> Sequence[R]:
        """Returns the rows for these parameters."""
        rows = await session.execute(self.statement, parameters)
        return list(map(self._reader.of_row, rows))


class PreparedSelect(ReadSelect[R]):
    """A select made once. Its parameters are `bindparam`s with a type and without a value.

    In a snapshot the driver executes it. In a transaction that writes, SQLAlchemy does, which sends what is
    still to be written first, and rows of a mapped class are its entities then: they may be changed.
    """

    def __init__(self, statement: Select[Any], reader: Reader[R]) -> None:
        super().__init__(statement, reader)
        self._entities = reader.entities(statement) if isinstance(reader, RowReader) else None
        binds = statement.compile(dialect=DIALECT).binds.values()
        names = {bind.key for bind in binds if bind.required}
        # Values must stand in it for what is written into the text (`literal_execute`) to be written now.
        filled = statement.params(dict.fromkeys(names))
        compiled = filled.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
        order = compiled.positiontup or ()
        assert all(name in compiled.binds for name in order), "a list is one parameter, by `one_of`"
        self.sql = str(compiled)
        self._arguments = [_argument_of(compiled.binds[name], names) for name in order]

    async def all(self, session: AsyncSession, **parameters: Any) -> Sequence[R]:
        """Returns the rows for these parameters, all of which must be given."""
        if isinstance(session, SnapshotSession):
            records = await session.fetch(self.sql, self._in_order(parameters))
            return list(map(self._reader.of_record, records))
        if self._entities is None:
            return await super().all(session, **parameters)
        return (await session.scalars(self._entities, parameters)).all()

    def _in_order(self, parameters: dict[str, Any]) -> list[Any]:
        """Returns the driver's arguments: constants of the statement, and what is given."""
        return [
            constant if name is None else parameters[name] if encode is None else encode(parameters[name])
            for name, encode, constant in self._arguments
        ]


_Argument = tuple[str | None, Callable[[Any], Any] | None, Any]
"""The name of a parameter and how its value is encoded, or None and the constant."""


def _argument_of(parameter: BindParameter[Any], given: set[str]) -> _Argument:
    encode = parameter.type.dialect_impl(DIALECT).bind_processor(DIALECT)
    if parameter.key in given:
        return parameter.key, encode, None
    constant = parameter.effective_value
    return None, None, constant if encode is None else encode(constant)
