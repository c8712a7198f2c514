"""What one operation answers: data, errors and extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.errors import ClientError
from router.response.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class ResponseError:
    """One entry of `errors`, ready to serialise (GraphQL spec, section 7.1.2)."""

    message: str
    code: str
    path: tuple[str | int, ...] | None = None
    locations: tuple[Mapping[str, int], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def to_map(self) -> dict[str, Any]:
        """Returns the entry as the JSON object the client receives."""
        entry: dict[str, Any] = {"message": self.message}
        if self.locations:
            entry["locations"] = [dict(location) for location in self.locations]
        if self.path is not None:
            entry["path"] = list(self.path)
        entry["extensions"] = {**self.extensions, "code": self.code}
        return entry

    @classmethod
    def of(cls, error: ClientError) -> ResponseError:
        """Returns the response entry of an error the client caused."""
        path = tuple(error.path) if error.path is not None else None
        return cls(error.message, error.code, path, tuple(error.locations), error.extensions)


_UNDECODED: Any = object()
_BEFORE_DATA = len(b'{"data":')


class GraphQLResult:
    """The outcome of one operation.

    `executed` is False for a request error (nothing ran, the response has no `data` key); then the HTTP
    status comes from the errors' codes. Otherwise `data` is the projected map, or None after null
    propagation reached the root. `encoded` is the same data as JSON where the executor wrote it so: whoever
    only sends it on never needs the map. `response` is the whole response as JSON, when the executor wrote
    that: it is nothing but data. `forms` is a map where several requests share the result: whoever
    sends it keeps there what is made of it once for all, by name.
    """

    __slots__ = ("_data", "_encoded", "errors", "executed", "extensions", "forms", "response")

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        errors: Sequence[ResponseError] = (),
        extensions: Mapping[str, Any] | None = None,
        *,
        executed: bool = True,
        encoded: bytes | None = None,
        response: bytes | None = None,
    ) -> None:
        self._data = data if encoded is None and response is None else _UNDECODED
        self.errors = errors
        self.extensions: Mapping[str, Any] = extensions if extensions is not None else {}
        self.executed = executed
        self._encoded = encoded
        self.response = response
        self.forms: dict[str, Any] | None = None

    @property
    def data(self) -> dict[str, Any] | None:
        """The projected map, decoded on first use."""
        if self._data is _UNDECODED:
            assert self.encoded is not None, "data is given one way or the other"
            self._data = orjson.loads(self.encoded)
        return self._data

    @property
    def encoded(self) -> bytes | None:
        """The data as JSON, if it was written so."""
        if self._encoded is None and self.response is not None:
            self._encoded = self.response[_BEFORE_DATA:-1]
        return self._encoded

    @encoded.setter
    def encoded(self, data: bytes) -> None:
        self._encoded = data

    @classmethod
    def refused(cls, *errors: ResponseError) -> GraphQLResult:
        """Returns the result of a request that was refused before execution."""
        return cls(errors=errors, executed=False)

    def to_map(self) -> dict[str, Any]:
        """Returns the response body; `errors` come first so that a person reading a large one sees them."""
        body: dict[str, Any] = {}
        if self.errors:
            body["errors"] = [error.to_map() for error in self.errors]
        if self.executed:
            body["data"] = self.data
        if self.extensions:
            body["extensions"] = dict(self.extensions)
        return body

    @property
    def status(self) -> int:
        """The HTTP status of a refused request; 200 once execution began."""
        if self.executed:
            return 200
        known = [ErrorCode[error.code] for error in self.errors if error.code in ErrorCode.__members__]
        return max(known, key=lambda code: code.priority).status if known else 400
