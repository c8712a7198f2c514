"""A list that can be paged: its statement, how its rows are read, and the pages that were prepared for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, True_

from subgraphs.kit.prepared_select import PreparedSelect
from subgraphs.kit.row_reader import RowReader

R = TypeVar("R")

PREPARED_MAX = 64
"""Pages kept prepared per list: an order, a direction and its cursors each; those used last stay."""


class PreparedPages:
    """The prepared selects of one list, by the shape of the page."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, PreparedSelect[Any]] = OrderedDict()

    def get(self, shape: Hashable, make: Callable[[], PreparedSelect[Any]]) -> PreparedSelect[Any]:
        """Returns the page of this shape, made if it is not there."""
        page = self._pages.get(shape)
        if page is None:
            page = self._pages[shape] = make()
            if len(self._pages) > PREPARED_MAX:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(shape)
        return page


@dataclass(frozen=True)
class Listed(Generic[R]):
    """A list, made once where its statement stands: `Listed(select(*READER.columns), READER)`.

    `parameters` are the values of the statement's own `bindparam`s, given for each request by `given`.
    Conditions that are a request's own are added by `where`; such a list is built anew each time.
    """

    statement: Select[Any]
    reader: RowReader[R]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    prepared: PreparedPages | None = field(default_factory=PreparedPages)

    def given(self, **parameters: Any) -> Listed[R]:
        """Returns the list with these values."""
        return replace(self, parameters=parameters)

    def where(self, *conditions: ColumnElement[bool]) -> Listed[R]:
        """Returns the list of the rows that meet the conditions as well."""
        narrowing = [condition for condition in conditions if not isinstance(condition, True_)]
        if not narrowing:
            return self
        return replace(self, statement=self.statement.where(*narrowing), prepared=None)
