"""Binds what a feed means to the arguments and the claims of one subscriber.

A condition on an argument that was not given, or is null, holds for every event. A condition on a claim that
the viewer lacks is refused: it must not hold by accident. What depends on no event is decided at once. One
equality of a value in the event with a bound value becomes the route: a tail finds the listeners of an event
by it without asking each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.realtime.event import FeedEvent, look_up
from router.supergraph.feeds import Condition, EventFeed, Literal, Operand, OperandKind, Operator

Route = tuple[tuple[str, ...], str]
"""A path in the event and the value that must stand there, as text."""


class UnmetConditionError(Exception):
    """The viewer may not have this feed: a claim is missing, or one has another value."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose conditions they are: the arguments of the field and the viewer's claims."""

    arguments: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The conditions bound to one audience."""

    checks: tuple[Callable[[FeedEvent], bool], ...] = ()
    route: Route | None = None

    def admits(self, event: FeedEvent) -> bool:
        """Whether the event is meant; the route is part of the checks."""
        return all(check(event) for check in self.checks)


def bind_feed(feed: EventFeed, audience: Audience) -> EventFilter:
    """Returns the filter of one audience; raises UnmetConditionError when no event may ever reach it."""
    checks = [_check_type(feed.types)]
    route: Route | None = None
    for condition in feed.where:
        if _is_left_open(condition, audience):
            continue
        kinds = {operand.kind for operand in condition.operands}
        if OperandKind.EVENT not in kinds:
            nothing = FeedEvent("", (0, 0), {})
            if not _check(condition, audience)(nothing):
                raise UnmetConditionError(f"The viewer does not meet: {condition.text}")
            continue
        checks.append(_check(condition, audience))
        route = route or _route_of(condition, audience)
    return EventFilter(tuple(checks), route)


def _check_type(types: Sequence[str]) -> Callable[[FeedEvent], bool]:
    """A type without a dot names its whole topic."""
    exact = frozenset(type_ for type_ in types if "." in type_)
    topics = frozenset(types) - exact

    def check(event: FeedEvent) -> bool:
        return event.envelope.get("type") in exact or (event.topic in topics and bool(event.envelope))

    return check


def _is_left_open(condition: Condition, audience: Audience) -> bool:
    return any(
        operand.kind is OperandKind.ARGUMENT and look_up(audience.arguments, operand.path) is None
        for operand in condition.operands
    )


def _route_of(condition: Condition, audience: Audience) -> Route | None:
    if condition.operator is not Operator.EQUALS:
        return None
    for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
        if _is_of_event(one) and not _is_of_event(other):
            value = _bound(other, audience)
            if isinstance(value, str | int) and not isinstance(value, bool):
                assert isinstance(one, Operand), "what is of the event is looked up"
                return one.path, str(value)
    return None


def _is_of_event(operand: Operand | Literal) -> bool:
    return isinstance(operand, Operand) and operand.kind is OperandKind.EVENT


def _check(condition: Condition, audience: Audience) -> Callable[[FeedEvent], bool]:
    left, right = _getter(condition.left, audience), _getter(condition.right, audience)
    compare = _is_equal if condition.operator is Operator.EQUALS else _is_in

    def check(event: FeedEvent) -> bool:
        return compare(left(event), right(event))

    return check


def _getter(operand: Operand | Literal, audience: Audience) -> Callable[[FeedEvent], Any]:
    if _is_of_event(operand):
        assert isinstance(operand, Operand), "what is of the event is looked up"
        path = operand.path
        return lambda event: look_up(event.envelope, path)
    value = _bound(operand, audience)
    return lambda _event: value


def _bound(operand: Operand | Literal, audience: Audience) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    if operand.kind is OperandKind.ARGUMENT:
        return look_up(audience.arguments, operand.path)
    value = look_up(audience.claims, operand.path)
    if value is None:
        raise UnmetConditionError(f"The viewer has no {'.'.join(operand.path)}")
    return value


def _is_equal(one: Any, other: Any) -> bool:
    """Compares as GraphQL's ID does: 12 and "12" are the same."""
    if one is None or other is None:
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) != isinstance(other, str):
        return str(one) == str(other)
    return one == other


def _is_in(one: Any, many: Any) -> bool:
    return isinstance(many, list | tuple) and any(_is_equal(one, each) for each in many)
