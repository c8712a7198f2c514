"""Lists: each item completed in its own place, whatever the list is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, is_leaf_type, is_non_null_type, located_error
from graphql.pyutils import is_async_iterable, is_awaitable, is_iterable

from subgraphs.kit.execution.classes import PLAIN, learn
from subgraphs.kit.execution.leaves import TEXT_TEST, changed_test
from subgraphs.kit.execution.paths import LightPath, full_path, path_keys
from subgraphs.kit.execution.pending import PENDING, Group, Work

Complete = Callable[[Any, Any, LightPath], Any]


class ListCompletion:
    """Completes lists of one type at one field; `position` are their items."""

    def __init__(self, item_type: Any, complete_item: Complete, field: Any, position: Any) -> None:
        named = item_type.of_type if is_non_null_type(item_type) else item_type
        self._sends_text = is_leaf_type(named) and changed_test(named) == TEXT_TEST
        self._complete_item = complete_item
        self._field = field
        self._position = position

    def complete(self, run: Any, value: Any, path: LightPath) -> Any:
        """Returns the list of completed items, or pending work."""
        run.check_deadline()
        if type(value) is not list:
            if is_async_iterable(value):
                return Work(self._complete_stream(run, value, path), _as_it_is)
            if not is_iterable(value):
                field = self._field
                message = f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
                raise GraphQLError(message)
        elif self._sends_text and all(type(item) is str for item in value):
            return value.copy()
        place: Any = full_path(path)
        return self._complete_items(run, value, place)

    def _complete_items(self, run: Any, value: Any, path: LightPath) -> Any:
        complete_item, position = self._complete_item, self._position
        completed: list[Any] = []
        append = completed.append
        group = None
        items = iter(value)
        index = 0
        try:
            for item in items:
                place = (path, index, None)
                try:
                    if type(item) in PLAIN:
                        done = complete_item(run, item, place)
                    else:
                        done = self._settle(run, item, place)
                    if type(done) in PENDING:
                        if group is None:
                            group = Group(path)
                        done = group.add(index, position, done)
                except Exception as error:  # noqa: BLE001 - whatever an item raises is that item's error
                    done = position.fail(run, error, place)
                append(done)
                index += 1
        except Exception:
            run.abandon(group or Group(path), items)
            raise
        if group is None:
            return completed
        group.container = completed
        return group

    def _settle(self, run: Any, item: Any, place: LightPath) -> Any:
        if is_awaitable(item):
            return Work(item, self._complete_item)
        learn(item)
        return self._complete_item(run, item, place)

    async def _complete_stream(self, run: Any, value: Any, path: LightPath) -> Any:
        completed: list[Any] = []
        group = Group(path)
        items: AsyncIterator[Any] = value.__aiter__()
        try:
            while True:
                place = (path, len(completed), None)
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    break
                except Exception as error:
                    raise located_error(error, self._field.nodes, path_keys(path)) from error
                completed.append(self._complete_one(run, item, place, group))
        except Exception:
            await _close_early(items)
            run.abandon(group)
            raise
        group.container = completed
        return group if group.places else completed

    def _complete_one(self, run: Any, item: Any, place: LightPath, group: Group) -> Any:
        try:
            done = self._settle(run, item, place)
            return group.add(place[1], self._position, done) if type(done) in PENDING else done
        except Exception as error:  # noqa: BLE001 - whatever an item raises is that item's error
            return self._position.fail(run, error, place)


def _as_it_is(_: Any, completed: Any, __: LightPath) -> Any:
    return completed


async def _close_early(items: Any) -> None:
    close = getattr(items, "aclose", None)
    if close is not None:
        with suppress(Exception):
            await close()
