"""The mirror: one row for each effect, so that a second one would show."""

from __future__ import annotations

from uuid import UUID

import strawberry
from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import COLUMN_TYPES
from tests.events.table_building import build_tables_of


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class EffectRow(Base):
    __tablename__ = "effects"

    place: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID]
    account: Mapped[str]
    number: Mapped[int]


@strawberry.type
class Query:
    @fields.query(allow=Public())
    def mirror(self) -> str:
        return "clear"


def create_app(settings: KitSettings) -> SubgraphApp:
    return SubgraphApp("mirror", settings, KitSchema(query=Query))


async def build_mirror(settings: KitSettings, domain: str) -> None:
    await build_tables_of(Base.metadata, settings, domain)
