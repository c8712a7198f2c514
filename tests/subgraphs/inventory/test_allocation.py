"""From which warehouses an order is served: a pure question."""

from __future__ import annotations

from collections import Counter
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.inventory.model.level_queries import Level
from subgraphs.inventory.service.allocation import allocate, shortages

ITEMS = [UUID(int=number) for number in range(1, 5)]
PLACES = [UUID(int=number) for number in range(101, 105)]

stocks = st.dictionaries(
    st.tuples(st.sampled_from(ITEMS), st.sampled_from(PLACES)), st.integers(0, 6), max_size=16
)
wishes = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 12), min_size=1)


def _levels(stock: dict[tuple[UUID, UUID], int]) -> list[Level]:
    return [Level(item, place, place.int % 3, count, count) for (item, place), count in stock.items()]


@given(stocks, wishes)
def test_no_more_is_taken_than_wanted_or_there_and_less_only_when_all_is_taken(
    stock: dict[tuple[UUID, UUID], int], wanted: dict[UUID, int]
) -> None:
    taken = allocate(wanted, _levels(stock))
    found: Counter[UUID] = Counter()
    for (item, place), count in taken.items():
        assert 0 < count <= stock[item, place]
        found[item] += count
    for item, count in wanted.items():
        there = sum(each for (stocked, _), each in stock.items() if stocked == item)
        assert found[item] == min(count, there)
    assert shortages(wanted, taken) == {
        item: found[item] for item, count in wanted.items() if found[item] < count
    }


@given(stocks, wishes)
def test_a_warehouse_that_has_everything_is_chosen_alone(
    stock: dict[tuple[UUID, UUID], int], wanted: dict[UUID, int]
) -> None:
    taken = allocate(wanted, _levels(stock))
    able = {
        place
        for place in PLACES
        if all(stock.get((item, place), 0) >= count for item, count in wanted.items())
    }
    if able:
        best = min(able, key=lambda place: (place.int % 3, place))
        assert taken == {(item, best): count for item, count in wanted.items()}


@given(stocks, wishes, st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_the_rows(
    stock: dict[tuple[UUID, UUID], int], wanted: dict[UUID, int], chance: Random
) -> None:
    levels = _levels(stock)
    shuffled = list(levels)
    chance.shuffle(shuffled)
    assert allocate(wanted, levels) == allocate(wanted, shuffled)


def test_nothing_is_taken_from_nowhere() -> None:
    assert allocate({ITEMS[0]: 1}, []) == {}
    assert shortages({ITEMS[0]: 1}, {}) == {ITEMS[0]: 0}
