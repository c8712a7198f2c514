"""Expected refusals as data: every mutation payload carries `userErrors { code message field }`.

A domain declares its enum of codes (the kit's common ones among them), one concrete error type, and payloads
whose `user_errors` is a list of that type; the mutation edge fills it from the DomainErrors raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.base import (
    StrawberryContainer,
    StrawberryObjectDefinition,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition

from subgraphs.kit.errors import COMMON_CODES, DomainError

P = TypeVar("P")


@strawberry.interface(description="Why a mutation was refused.")
class UserError:
    message: str = strawberry.field(description="For the developer and the person; its wording may change.")
    field: list[str] | None = strawberry.field(description="The path of the input at fault.", default=None)


def refused_payload(payload_type: type[P], errors: Sequence[DomainError]) -> P:
    """Returns the payload that tells of the refusals and holds nothing else."""
    error_type = _error_type_of(payload_type)
    codes = _codes_of(error_type)
    entries = [
        error_type(code=codes(error.code), message=error.message, field=error.field, **error.details())
        for error in errors
    ]
    return payload_type(user_errors=entries)  # pyright: ignore[reportCallIssue]  # every payload has it


def check_payload_codes(payload_types: Iterable[type]) -> None:
    """Raises at start when a domain's enum lacks a code the kit itself may answer."""
    for payload_type in payload_types:
        codes = {member.value for member in _codes_of(_error_type_of(payload_type))}
        if missing := COMMON_CODES - codes:
            raise TypeError(f"{payload_type.__name__}: the error-code enum lacks {sorted(missing)}")


def _error_type_of(payload_type: type) -> Any:
    field = _field_of(payload_type, "user_errors")
    element = field.type
    while isinstance(element, StrawberryContainer):
        element = element.of_type
    return element


def _codes_of(error_type: Any) -> type[Enum]:
    definition = _field_of(error_type, "code").type
    if not isinstance(definition, StrawberryEnumDefinition):
        raise TypeError(f"{error_type.__name__}.code must be an enum")
    return cast("type[Enum]", definition.wrapped_cls)


def _field_of(owner: type, name: str) -> Any:
    definition = cast("StrawberryObjectDefinition", get_object_definition(owner, strict=True))
    for field in definition.fields:
        if field.python_name == name:
            return field
    raise TypeError(f"{owner.__name__} has no field {name}")
