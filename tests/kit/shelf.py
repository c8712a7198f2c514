"""A small domain to try the kit on: books on the shelves of an organization."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped
from sqlalchemy.schema import CreateTable
from strawberry import UNSET, federation

from subgraphs.kit import fields, migrations
from subgraphs.kit.access import HasPermission, IsAuthenticated, IsService, Public
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.audit.ddl import attach_audit_trail
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.context import Info, RequestContext
from subgraphs.kit.database import open_engine
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.errors import DomainError, InvalidInput, NotFound
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.filtering.inputs import DateTimeFilter, EnumFilter, IDFilter, IntFilter, StringFilter
from subgraphs.kit.filtering.ordering import SortDirection, keyset_of
from subgraphs.kit.filtering.where import Columns, compile_where, logical
from subgraphs.kit.idempotency import IdempotentRequest, once
from subgraphs.kit.ids import read_id
from subgraphs.kit.kit_tables import NOTIFY_OUTBOX, TRIGGER_OUTBOX
from subgraphs.kit.loaders import in_order
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.money import Money
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.pagination.page import fetch_page
from subgraphs.kit.row_reader import RowReader
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import COLUMN_TYPES, Identified, KitTable, Timestamped, Versioned
from subgraphs.kit.user_errors import UserError
from subgraphs.kit.value_types import LocalizedString, MoneyType
from subgraphs.kit.versions import check_version


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class BookKind(Enum):
    NOVEL = "novel"
    ATLAS = "atlas"


class BookRow(Identified, Timestamped, Versioned, Base):
    __tablename__ = "books"

    organization_id: Mapped[UUID]
    title: Mapped[str]
    pages: Mapped[int]
    note: Mapped[str | None]
    kind: Mapped[str]
    printed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShelved(Event):
    type: ClassVar[str] = "shelf.book_shelved"

    title: str


class ShelfFull(DomainError):  # noqa: N818 - a refusal reads as a sentence
    code = "SHELF_FULL"


@strawberry.enum
class ShelfErrorCode(Enum):
    SHELF_FULL = "SHELF_FULL"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class ShelfError(UserError):
    code: ShelfErrorCode


async def load_books(context: RequestContext, ids: Sequence[UUID]) -> list[BookRow | None]:
    statement = select(BookRow).where(
        BookRow.id.in_(ids), BookRow.organization_id == context.viewer.organization_id
    )
    rows = await context.session.scalars(statement)
    return in_order(ids, {row.id: row for row in rows})


@federation.type(keys=["id"])
class Book:
    id: strawberry.ID
    title: str
    pages: int
    version: int

    @classmethod
    def of(cls, row: BookRow) -> Book:
        return cls(id=strawberry.ID(str(row.id)), title=row.title, pages=row.pages, version=row.version)

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Book | None]:
        return await load_entities(info.context.loaders.get(load_books), representations, cls.of)

    @strawberry.field
    def price(self) -> MoneyType:
        return MoneyType.of(Money(self.pages * 150))

    @strawberry.field
    def names(self) -> LocalizedString:
        return LocalizedString.of(LocalizedText(fr=self.title))

    @strawberry.field
    async def twin(self, info: Info) -> Book | None:
        row = await info.context.loaders.get(load_books).load(UUID(self.id))
        return Book.of(row) if row is not None else None


@strawberry.input
class BookWhere:
    id: IDFilter | None = UNSET
    title: StringFilter | None = UNSET
    pages: IntFilter | None = UNSET
    note: StringFilter | None = UNSET
    kind: EnumFilter[BookKind] | None = UNSET
    printed_at: DateTimeFilter | None = UNSET
    and_: list[BookWhere] | None = logical("AND")
    or_: list[BookWhere] | None = logical("OR")
    not_: BookWhere | None = logical("NOT")


BOOK = RowReader(BookRow)
BOOKS = Listed(BOOK.select(), BOOK)

WHERE_COLUMNS: Columns = {
    "id": BookRow.id,
    "title": BookRow.title,
    "pages": BookRow.pages,
    "note": BookRow.note,
    "kind": lambda given: BookRow.kind == given.eq.value,
    "printed_at": BookRow.printed_at,
}


@strawberry.enum
class BookOrderField(Enum):
    TITLE = "title"
    PAGES = "pages"
    PRINTED_AT = "printed_at"


@strawberry.input
class BookOrder:
    field: BookOrderField
    direction: SortDirection = SortDirection.ASC


ORDER_COLUMNS = {
    BookOrderField.TITLE: BookRow.title,
    BookOrderField.PAGES: BookRow.pages,
    BookOrderField.PRINTED_AT: BookRow.printed_at,
}


@strawberry.type
class Query:
    @fields.listing(allow=Public())
    async def books(
        self,
        info: Info,
        page: PageArguments,
        where: BookWhere | None = None,
        order_by: list[BookOrder] | None = None,
    ) -> Connection[Book]:
        listed = BOOKS.where(compile_where(where, WHERE_COLUMNS))
        keyset = keyset_of(order_by, ORDER_COLUMNS, BookRow.id)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Book.of)

    @fields.query(allow=IsAuthenticated())
    def whoami(self, info: Info) -> str:
        return str(info.context.viewer.user_id)

    @fields.query(allow=HasPermission("books:write"))
    def backroom(self) -> str:
        return "open"

    @fields.query(allow=IsService())
    def engine_room(self, info: Info) -> str:
        return f"{info.context.viewer.service} for {info.context.viewer.user_id}"

    @fields.query(allow=Public())
    def broken(self) -> str:
        raise RuntimeError("the password is hunter2")

    @fields.query(allow=Public())
    def echo(self, text: str) -> str:
        return text


@strawberry.input
class BookShelveInput:
    title: str
    pages: int
    idempotency_key: str = ""


@strawberry.type
class BookShelvePayload:
    book: Book | None = None
    user_errors: list[ShelfError] = strawberry.field(default_factory=list)


async def shelve_book(context: RequestContext, given: BookShelveInput) -> BookRow:
    if given.pages <= 0:
        raise InvalidInput("A book has pages", field=["input", "pages"])
    assert context.viewer.organization_id is not None
    row = BookRow(
        organization_id=context.viewer.organization_id,
        title=given.title,
        pages=given.pages,
        kind="novel",
        printed_at=context.clock.now(),
    )
    context.session.add(row)
    await context.session.flush()
    event = BookShelved(subject=str(row.id), occurred_at=context.clock.now(), title=row.title)
    await record_event(context.session, event)
    if given.title == "one too many":
        raise ShelfFull("No room left")
    if given.title == "dynamite":
        raise RuntimeError("bang")
    return row


@strawberry.type
class Mutation:
    @fields.mutation(allow=HasPermission("books:write"))
    async def book_shelve(self, info: Info, input: BookShelveInput) -> BookShelvePayload:
        row = await shelve_book(info.context, input)
        return BookShelvePayload(book=Book.of(row))

    @fields.mutation(allow=HasPermission("books:write"))
    async def book_shelve_once(self, info: Info, input: BookShelveInput) -> BookShelvePayload:
        context = info.context
        request = IdempotentRequest.of(context.viewer, "bookShelveOnce", input.idempotency_key, input)

        async def effect() -> str:
            return str((await shelve_book(context, input)).id)

        book_id = await once(context.session, request, effect)
        row = await context.session.get_one(BookRow, UUID(book_id))
        return BookShelvePayload(book=Book.of(row))

    @fields.mutation(allow=HasPermission("books:write"))
    async def book_retitle(
        self, info: Info, id: strawberry.ID, title: str, expected_version: int | None = None
    ) -> BookShelvePayload:
        row = await info.context.session.get(BookRow, read_id(id))
        if row is None:
            raise NotFound("No such book", field=["id"])
        check_version(row, expected_version)
        row.title = title
        # Both of two concurrent calls get here before either writes.
        await asyncio.sleep(0.05)
        await info.context.session.flush()
        return BookShelvePayload(book=Book.of(row))

    @fields.saga(allow=HasPermission("books:write"))
    async def book_reprint(self, info: Info, id: strawberry.ID, times: int) -> BookShelvePayload:
        for _ in range(times):
            async with info.context.database.transaction() as session:
                book = update(BookRow).where(BookRow.id == UUID(id)).values(pages=BookRow.pages + 1)
                await session.execute(book)
        return BookShelvePayload()

    @fields.mutation(allow=HasPermission("books:write"))
    async def book_touch_both(
        self, info: Info, first: strawberry.ID, second: strawberry.ID
    ) -> BookShelvePayload:
        for each in (first, second):
            book = update(BookRow).where(BookRow.id == UUID(each)).values(pages=BookRow.pages + 1)
            await info.context.session.execute(book)
            # Both of two crossing calls hold their first lock before they ask for the other's.
            await asyncio.sleep(0.2)
        return BookShelvePayload()


def create_app(settings: KitSettings, clock: Clock | None = None) -> SubgraphApp:
    schema = KitSchema(query=Query, mutation=Mutation, types=[Book])
    return SubgraphApp("shelf", settings, schema, Wiring(clock=clock or SystemClock()))


async def build_tables(settings: KitSettings, domain: str) -> None:
    await asyncio.to_thread(migrations.create_database, settings, domain)
    engine = open_engine(settings.database_url_of(domain), settings, pooled=False)
    async with engine.begin() as connection:
        for table in (*KitTable.metadata.sorted_tables, *Base.metadata.sorted_tables):
            await connection.execute(CreateTable(table))
        await connection.execute(text(NOTIFY_OUTBOX))
        await connection.execute(text(TRIGGER_OUTBOX))
        await attach_audit_trail(connection)
    await engine.dispose()
