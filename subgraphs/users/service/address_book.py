"""A person's addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput, NotFound, check_all
from subgraphs.kit.ids import new_id
from subgraphs.kit.versions import check_version
from subgraphs.users.errors import TooManyAddresses
from subgraphs.users.model.queries import clear_defaults, count_addresses, find_own_address, lock_profile
from subgraphs.users.model.tables import AddressRow
from subgraphs.users.service.telephones import read_phone

ADDRESSES_MAX = 20
LENGTH_MAX = 200
COUNTRY_LENGTH = 2
HOME = "DZ"
WILAYAS = frozenset(f"{number:02}" for number in range(1, 59))


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address as it shall be."""

    recipient: str
    line1: str
    line2: str | None
    commune: str
    wilaya_code: str | None
    postal_code: str | None
    country: str
    phone: str | None
    is_default_billing: bool = False
    is_default_shipping: bool = False


async def save_address(
    session: AsyncSession,
    user_id: UUID,
    address_id: UUID | None,
    draft: AddressDraft,
    expected_version: int | None = None,
) -> AddressRow:
    """Returns the address, new without an id. A new default takes the place of the one before."""
    await lock_profile(session, user_id)
    _check(draft)
    phone = read_phone(draft.phone, ["input", "phone"]) if draft.phone else None
    if address_id is None:
        row = await _new_address(session, user_id)
    else:
        found = await find_own_address(session, user_id, address_id)
        if found is None:
            raise NotFound("No such address", field=["id"])
        row = found
        check_version(row, expected_version)
    await clear_defaults(
        session, user_id, billing=draft.is_default_billing, shipping=draft.is_default_shipping
    )
    for name in AddressDraft.__slots__:
        value = getattr(draft, name)
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.phone = phone
    session.add(row)
    await session.flush()
    return row


async def delete_address(session: AsyncSession, user_id: UUID, address_id: UUID | None) -> UUID:
    """Returns the id of the address that is gone; orders have their own copy."""
    await lock_profile(session, user_id)
    row = await find_own_address(session, user_id, address_id)
    if row is None:
        raise NotFound("No such address", field=["id"])
    await session.delete(row)
    await session.flush()
    return row.id


async def _new_address(session: AsyncSession, user_id: UUID) -> AddressRow:
    if await count_addresses(session, user_id) >= ADDRESSES_MAX:
        raise TooManyAddresses(f"An address book has at most {ADDRESSES_MAX} addresses")
    return AddressRow(id=new_id(), user_id=user_id)


def _check(draft: AddressDraft) -> None:
    required = {"recipient": draft.recipient, "line1": draft.line1, "commune": draft.commune}
    check_all(
        *(partial(_check_line, name, text) for name, text in required.items()), partial(_check_place, draft)
    )


def _check_line(name: str, text: str) -> None:
    if not 0 < len(text.strip()) <= LENGTH_MAX:
        raise InvalidInput(f"It has 1 to {LENGTH_MAX} characters", field=["input", name])


def _check_place(draft: AddressDraft) -> None:
    country = draft.country
    if len(country) != COUNTRY_LENGTH or not (country.isascii() and country.isalpha() and country.isupper()):
        raise InvalidInput("A country is two capital letters", field=["input", "country"])
    if country == HOME and draft.wilaya_code not in WILAYAS:
        raise InvalidInput("A wilaya is 01 to 58", field=["input", "wilayaCode"])
    if len(draft.postal_code or "") > LENGTH_MAX or len(draft.line2 or "") > LENGTH_MAX:
        raise InvalidInput(f"At most {LENGTH_MAX} characters", field=["input", "line2"])
