"""What names, codes and slugs may look like."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.locales import Locale, LocalizedText

NAME_LENGTH_MAX = 200
SLUG_LENGTH_MAX = 120
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_NOT_SLUG = re.compile(r"[\W_]+")
_TATWEEL = "ـ"
# Part of the letter in Arabic (آ أ إ), where an accent in French is not.
_ARABIC_LETTER_MARKS = "\u0653\u0654\u0655"


def own_organization(viewer: Viewer) -> UUID:
    """Returns the organization the viewer acts in; the field's permission has made sure of one."""
    assert viewer.organization_id is not None, "HasPermission admits nobody without an organization"
    return viewer.organization_id


def text_by_locale(text: LocalizedText) -> dict[str, str]:
    """Returns the text by language, without the languages that have none."""
    return {each.value: part for each in Locale if (part := getattr(text, each.value))}


def check_name(name: LocalizedText, field: list[str]) -> LocalizedText:
    """Returns the name, or raises InvalidInput for one that is empty or too long."""
    if name.is_empty:
        raise InvalidInput("A name is needed in at least one language", field=field)
    if any(len(getattr(name, locale.value) or "") > NAME_LENGTH_MAX for locale in Locale):
        raise InvalidInput(f"A name has at most {NAME_LENGTH_MAX} characters", field=field)
    return name


def check_code(code: str, field: list[str]) -> str:
    """Returns the code, or raises InvalidInput."""
    if _CODE.fullmatch(code) is None:
        raise InvalidInput("A code is lower case: a-z, 0-9, - and _", field=field)
    return code


def check_slug(slug: str, field: list[str]) -> str:
    """Returns the slug, or raises InvalidInput for one that does not survive being made a slug."""
    if not slug or slugify(slug) != slug:
        raise InvalidInput("A slug is lower-case letters and digits, joined by hyphens", field=field)
    return slug


def slugify(text: str) -> str:
    """Returns the text as a slug in its own script, empty when it has neither letter nor digit.

    >>> slugify("Huile d'olive — 1ère pression"), slugify("زَيْت الزيتـون أصلي")
    ('huile-d-olive-1ere-pression', 'زيت-الزيتون-أصلي')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    kept = "".join(
        letter
        for letter in decomposed
        if letter != _TATWEEL and (not unicodedata.combining(letter) or letter in _ARABIC_LETTER_MARKS)
    )
    return _NOT_SLUG.sub("-", unicodedata.normalize("NFC", kept))[:SLUG_LENGTH_MAX].strip("-")


def slug_for(name: LocalizedText, asked: str | None, owner_id: UUID) -> str:
    """Returns the slug asked for, or one made from the name in the platform's first language it has."""
    if asked is not None:
        return check_slug(asked, ["slug"])
    return slugify(name.value(Locale.FR)) or f"x-{owner_id.hex[-8:]}"
