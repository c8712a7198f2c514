"""What the database itself holds to."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from subgraphs.kit.database import violated_constraint
from tests.subgraphs.inventory.shop import Shop, variant
from tests.support.migrated import assert_migrations_match


async def test_the_migrations_make_the_tables_the_code_declares() -> None:
    await assert_migrations_match("inventory")


async def test_movements_cannot_be_changed_even_by_hand(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 10))
    statements = (
        "UPDATE stock_movements SET quantity = 1000",
        "DELETE FROM stock_movements",
        "TRUNCATE stock_movements",
    )
    for statement in statements:
        with pytest.raises(IntegrityError, match="append-only"):
            async with shop.inventory.app.database.transaction() as session:
                await session.execute(text(statement))
    assert await shop.available(item) == [10]
    assert await shop.discrepancies() == []


async def test_a_level_never_holds_more_than_it_has(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 10))
    await shop.reserve("order-1", (item, 4))
    refused = {
        "on_hand = 3": "ck_stock_levels_not_oversold",
        "reserved = 11": "ck_stock_levels_not_oversold",
        "allocated = 7": "ck_stock_levels_not_oversold",
        "allocated = -1": "ck_stock_levels_holds_not_negative",
    }
    for change, constraint in refused.items():
        with pytest.raises(IntegrityError) as error:
            async with shop.inventory.app.database.transaction() as session:
                await session.execute(text(f"UPDATE stock_levels SET {change}"))
        assert violated_constraint(error.value) == constraint
