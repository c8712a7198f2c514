"""How many parts an SMS is sent and paid in (3GPP TS 23.038, 23.040).

The GSM alphabet takes seven bits a character: 160 in one part, 153 in each of several; a few characters count
twice. One character outside of it, any Arabic letter for one, turns the whole text into UCS-2: 70 and 67.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class SmsSize:
    """The alphabet a text needs, `units` of it, and the parts it is sent in."""

    encoding: str
    units: int
    segments: int


def measure_sms(text: str) -> SmsSize:
    """Returns what sending the text takes.

    >>> measure_sms("Votre commande 1007 est prête.")
    SmsSize(encoding='UCS-2', units=30, segments=1)
    >>> measure_sms("x" * 161)
    SmsSize(encoding='GSM-7', units=161, segments=2)
    """
    if all(character in _BASIC or character in _EXTENDED for character in text):
        widths = [2 if character in _EXTENDED else 1 for character in text]
        return SmsSize("GSM-7", sum(widths), _count(widths, 160, 153))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return SmsSize("UCS-2", sum(widths), _count(widths, 70, 67))


def _count(widths: list[int], single_max: int, part_max: int) -> int:
    if sum(widths) <= single_max:
        return 1
    # A character of two units is not split, so a part may have to end one unit early.
    segments, used = 1, 0
    for width in widths:
        if used + width > part_max:
            segments, used = segments + 1, 0
        used += width
    return segments
