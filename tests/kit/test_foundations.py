"""Ids, settings, migrations and the checks an app makes before it starts."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import pytest
import strawberry
from sqlalchemy import text

from subgraphs.kit import fields, migrations
from subgraphs.kit.access import Public
from subgraphs.kit.database import Database, open_engine
from subgraphs.kit.errors import InvalidInput, Refusals, check_all
from subgraphs.kit.events.event import Event
from subgraphs.kit.ids import new_id, read_id
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.user_errors import UserError
from tests.support.database import PREFIX
from tests.support.database import test_settings as settings_for_tests


def test_ids_are_version_7_unique_and_grow_with_time() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_id() for _ in range(2_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == 2_000
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {UUID(int=0x8 << 60).variant}
    assert all(before <= each.int >> 80 <= after for each in ids)


def test_malformed_ids_name_nothing() -> None:
    known = new_id()
    assert read_id(str(known)) == known
    malformed: list[Any] = ["", "x", "1" * 31, None, 5, b"bytes"]
    assert [read_id(each) for each in malformed] == [None] * 6


def test_settings_name_each_domains_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:pa%40ss@db:5433/postgres")
    monkeypatch.setenv("DATABASE_URL_ORDERS", "postgresql://me@other:6000/orders_db")
    settings = KitSettings(database_prefix="shop_")
    password = settings.database_url_of("products").render_as_string(hide_password=False)
    assert password == "postgresql+asyncpg://me:pa%40ss@db:5433/shop_products"
    assert str(settings.database_url_of("orders")) == "postgresql+asyncpg://me@other:6000/orders_db"
    assert str(settings.server_url("orders")) == "postgresql+asyncpg://me@other:6000/postgres"
    assert settings.server_url("products").port == 5433


@dataclass(frozen=True, slots=True, kw_only=True)
class CartPriced(Event):
    type: ClassVar[str] = "orders.cart_priced"

    amount: Decimal
    day: date
    lines: tuple[UUID, ...]


def test_an_event_is_json_without_its_envelope() -> None:
    line = new_id()
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    event = CartPriced(
        subject="c1", occurred_at=moment, amount=Decimal("1.10"), day=date(2026, 1, 2), lines=(line,)
    )
    assert event.payload() == {"amount": "1.10", "day": "2026-01-02", "lines": [str(line)]}


def test_all_checks_run_and_one_refusal_stays_itself() -> None:
    def refuse() -> None:
        raise InvalidInput("no")

    check_all(lambda: None)
    with pytest.raises(InvalidInput):
        check_all(lambda: None, refuse)
    with pytest.raises(Refusals) as found:
        check_all(refuse, lambda: None, refuse)
    assert len(found.value.errors) == 2


def test_a_root_field_that_says_nothing_about_access_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def secret(self) -> str:
            return "x"

    with pytest.raises(TypeError, match=r"Query\.secret does not say who may reach it"):
        KitSchema(query=Query)


@strawberry.enum
class PoorCode(Enum):
    NOT_FOUND = "NOT_FOUND"


@strawberry.type
class PoorError(UserError):
    code: PoorCode


@strawberry.type
class PoorPayload:
    user_errors: list[PoorError] = strawberry.field(default_factory=list)


def test_an_enum_without_the_kits_codes_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @fields.query(allow=Public())
        def ping(self) -> str:
            return "pong"

    @strawberry.type
    class Mutation:
        @fields.mutation(allow=Public())
        async def poor(self) -> PoorPayload:
            return PoorPayload()

    with pytest.raises(TypeError, match="PoorPayload: the error-code enum lacks"):
        KitSchema(query=Query, mutation=Mutation)


async def test_six_starts_at_once_create_and_migrate_one_database() -> None:
    settings = settings_for_tests(f"{PREFIX}race_{new_id().hex[-8:]}_")
    try:
        await asyncio.gather(*[migrations.prepare_database(settings, "identity") for _ in range(6)])
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda _: migrations.upgrade(settings, "identity"), range(2)))
        database = Database(settings, "identity")
        async with database.engine.connect() as connection:
            version = await connection.execute(text("SELECT version_num FROM alembic_version"))
            assert len(version.all()) == 1
        await database.close()
    finally:
        engine = open_engine(settings.server_url("identity"), settings, pooled=False)
        async with engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            name = settings.database_name("identity")
            await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        await engine.dispose()
