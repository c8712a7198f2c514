"""The bytes of a fetch's request: what never changes is written once, variables are put in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from router.plan import Fetch
from router.response.encode import encode_json

_encode = msgspec.json.Encoder().encode


class PreparedRequest:
    """The request of one fetch, but for its variables."""

    __slots__ = ("_head", "_representations", "_variables", "_whole")

    def __init__(self, fetch: Fetch) -> None:
        name = (
            b"" if fetch.operation_name is None else b',"operationName":' + encode_json(fetch.operation_name)
        )
        self._head = b'{"query":' + encode_json(fetch.document) + name
        self._representations = [(one.variable, _prefix(one.variable)) for one in fetch.entities]
        self._variables = [(variable, _prefix(variable)) for variable in fetch.variables]
        self._whole = self._head + b"}"

    def body(self, representations: Sequence[Sequence[Any]], given: Mapping[str, Any]) -> bytes:
        """Returns the JSON of the request; raises ValueError when a variable has no JSON form."""
        if not self._representations and not self._variables:
            return self._whole
        parts = [
            prefix + _encode(sent)
            for (_, prefix), sent in zip(self._representations, representations, strict=True)
        ]
        parts += [prefix + encode_json(given[name]) for name, prefix in self._variables if name in given]
        if not parts:
            return self._whole
        return b"".join((self._head, b',"variables":{', b",".join(parts), b"}}"))

    def variables(
        self, representations: Sequence[Sequence[Any]], given: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Returns the variables as objects, for subgraphs that take no bytes."""
        found: dict[str, Any] = {
            name: sent for (name, _), sent in zip(self._representations, representations, strict=True)
        }
        found.update((name, given[name]) for name, _ in self._variables if name in given)
        return found or None


def _prefix(variable: str) -> bytes:
    return encode_json(variable) + b":"
