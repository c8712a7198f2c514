"""The address an order goes to, checked and written into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from subgraphs.kit.errors import InvalidInput, check_all
from subgraphs.orders.wilayas import WILAYAS

TEXT_LENGTH_MAX = 200
_PHONE = re.compile(r"\+[1-9]\d{7,14}")
_LOCAL_PHONE = re.compile(r"0([5-7]\d{8}|[2-4]\d{7})")
_POSTAL_CODE = re.compile(r"\d{5}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes and who takes it."""

    recipient: str
    phone: str
    street: str
    town: str
    wilaya_code: str
    postal_code: str | None = None

    def snapshot(self) -> dict[str, Any]:
        """Returns the columns of an order, with the wilaya's names as they are today."""
        return {
            "recipient": self.recipient,
            "phone": self.phone,
            "street": self.street,
            "town": self.town,
            "wilaya_code": self.wilaya_code,
            "wilaya_name": WILAYAS[self.wilaya_code].name,
            "postal_code": self.postal_code,
        }


def check_address(given: Address) -> Address:
    """Returns the address trimmed, the phone in E.164 and the wilaya by its two digits, or refuses it."""
    phone = re.sub(r"[ .\-()]", "", given.phone)
    if _LOCAL_PHONE.fullmatch(phone):
        phone = f"+213{phone[1:]}"
    code = given.wilaya_code.strip().rjust(2, "0")
    postal_code = (given.postal_code or "").strip() or None
    address = Address(
        given.recipient.strip(), phone, given.street.strip(), given.town.strip(), code, postal_code
    )
    check_all(
        lambda: _check_text(address.recipient, "recipient"),
        lambda: _check_text(address.street, "street"),
        lambda: _check_text(address.town, "town"),
        lambda: _check(bool(_PHONE.fullmatch(phone)), "phone", "A phone number is +213 and nine digits"),
        lambda: _check(code in WILAYAS, "wilayaCode", "There is no such wilaya"),
        lambda: _check(
            postal_code is None or bool(_POSTAL_CODE.fullmatch(postal_code)),
            "postalCode",
            "A postal code has five digits",
        ),
    )
    return address


def _check_text(text: str, name: str) -> None:
    _check(0 < len(text) <= TEXT_LENGTH_MAX, name, f"1 to {TEXT_LENGTH_MAX} characters are needed")


def _check(holds: bool, name: str, message: str) -> None:
    if not holds:
        raise InvalidInput(message, field=["input", "address", name])
