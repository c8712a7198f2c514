"""The base of the tables of notifications, and how their enums are stored."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Enum as EnumType
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from subgraphs.kit.locales import Locale, LocalizedText, LocalizedTextColumn
from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION
from subgraphs.notifications.states import (
    Channel,
    DevicePlatform,
    DigestState,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)

E = TypeVar("E", bound=Enum)

_STATE_LENGTH_MAX = 24
_STATES = (
    Channel,
    DevicePlatform,
    DigestState,
    Locale,
    MessageState,
    SuppressionReason,
    TemplateStatus,
    Topic,
)


def _choice(enum: type[E]) -> EnumType:
    """Returns a text column of the enum's values; a new state needs no migration."""
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=False,
        length=_STATE_LENGTH_MAX,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Base of the tables of notifications."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **COLUMN_TYPES,
        LocalizedText: LocalizedTextColumn(),
        **{state: _choice(state) for state in _STATES},
    }
