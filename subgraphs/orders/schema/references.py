"""Entities of other domains that orders only points at."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import Key

_REFERENCE = [Key(fields="id", resolvable=False)]  # pyright: ignore[reportCallIssue,reportArgumentType]  # Strawberry takes the text


@federation.type(keys=_REFERENCE)
class ProductVariant:
    id: strawberry.ID


@federation.type(keys=_REFERENCE)
class Product:
    id: strawberry.ID


@federation.type(keys=_REFERENCE)
class Organization:
    id: strawberry.ID


def text_id(id_: UUID) -> strawberry.ID:
    """Returns the id as the API shows it."""
    return strawberry.ID(str(id_))
