"""Gives required fields keys in merged data that cannot collide with what the client asked."""

from __future__ import annotations

from router.operation import Field
from router.operation.model import Selections, Types

_Claim = tuple[Types, str, str]


class KeyRegistry:
    """The keys taken at each object of the response, by the types, field and arguments they stand for."""

    def __init__(self, selections: Selections) -> None:
        self._claims: dict[tuple[str, ...], dict[str, list[_Claim]]] = {}
        self._note((), selections)

    def _note(self, path: tuple[str, ...], selections: Selections) -> None:
        claims = self._claims.setdefault(path, {})
        for field in selections:
            claims.setdefault(field.key, []).append((field.types, field.name, field.arguments))
            if field.selections is not None:
                self._note((*path, field.key), field.selections)

    def claim(self, path: tuple[str, ...], types: Types, field: Field) -> str:
        """Returns the key of a required field of the object at `path`; asking again gives the same key."""
        claims = self._claims.setdefault(path, {})
        key, number = field.name, 1
        while _collides(claims.get(key, ()), types, field):
            number += 1
            key = f"{field.name}__{number}"
        wanted = (types, field.name, field.arguments)
        taken = claims.setdefault(key, [])
        if wanted not in taken:
            taken.append(wanted)
        return key


def _collides(claims: list[_Claim] | tuple[()], types: Types, field: Field) -> bool:
    return any(
        (name, arguments) != (field.name, field.arguments)
        and (types is None or other is None or types & other)
        for other, name, arguments in claims
    )
