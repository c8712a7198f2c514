"""Entities of other domains that notifications only point at."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import Key

_REFERENCE = [Key(fields="id", resolvable=False)]  # pyright: ignore[reportCallIssue,reportArgumentType]  # Strawberry takes the text


@federation.type(keys=_REFERENCE)
class Order:
    id: strawberry.ID


@federation.type(keys=_REFERENCE)
class ProductVariant:
    id: strawberry.ID


@federation.type(keys=_REFERENCE)
class Organization:
    id: strawberry.ID


def text_id(id_: UUID) -> strawberry.ID:
    """Returns the id as the API shows it."""
    return strawberry.ID(str(id_))


def caused_by(kind: str, cause: str | None) -> strawberry.ID | None:
    """Returns the id of what caused a notification when it is of that kind: of `order` in `order:<id>`."""
    found, _, id_ = (cause or "").partition(":")
    return strawberry.ID(id_) if found == kind else None
