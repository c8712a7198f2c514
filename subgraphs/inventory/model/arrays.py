"""Lists of rows handed to one statement as arrays, so that its text is the same for 1 row and for 500."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Integer, TableValuedAlias, Uuid, bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

ID: TypeEngine[Any] = Uuid()
NUMBER: TypeEngine[Any] = Integer()


def rows_of(rows: Iterable[Sequence[Any]], name: str, **columns: TypeEngine[Any]) -> TableValuedAlias:
    """Returns the rows as a table called `name`, to select from or to join with."""
    by_column = list(zip(*rows, strict=True))
    arrays = [
        bindparam(f"{name}_{label}", list(values), type_=ARRAY(kind))
        for (label, kind), values in zip(columns.items(), by_column, strict=True)
    ]
    typed = [column(label, kind) for label, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*typed, name=name).render_derived()
