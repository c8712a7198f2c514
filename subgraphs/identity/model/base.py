"""What all of identity's tables derive from."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION


class Base(DeclarativeBase):
    """Base of identity's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES
