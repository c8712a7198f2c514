"""A fetch that a compiled run has sent already, for the interpreting executor to go on from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from router.errors import SubgraphError
from router.executor.merge.representations import Batch, identify
from router.executor.transport.client import SubgraphResponse
from router.executor.transport.decode import decoded
from router.plan import Fetch


class EarlierFetch(Struct):
    """A fetch that was sent, the representations of its entity groups, and how it ended."""

    fetch: Fetch
    sent: tuple[Sequence[Any], ...]
    response: SubgraphResponse | None = None
    error: SubgraphError | None = None

    def answer_to(self, fetch: Fetch, batches: Sequence[Batch]) -> SubgraphResponse | None:
        """Returns the response as if these batches had been sent, None when what was asked lacks some of it.

        Raises SubgraphError as the client did.
        """
        if self.fetch is not fetch or (self.response is None and self.error is None):
            return None
        places: dict[str, list[int]] = {}
        for batch, sent in zip(batches, self.sent, strict=True):
            found = positions_of(batch.representations, sent)
            if found is None:
                return None
            places[batch.entities.key] = found
        if self.error is not None:
            raise self.error
        assert self.response is not None, "a fetch that did not fail was answered"
        response = decoded(self.fetch.service, self.response)
        if all(found == list(range(len(found))) for found in places.values()):
            return response
        return _rearranged(response, places)


def positions_of(wanted: Iterable[Any], sent: Sequence[Any]) -> list[int] | None:
    """Returns where each representation is in what was sent, None when one is not."""
    known = {identify(one): index for index, one in enumerate(sent)}
    found = [known.get(identify(one)) for one in wanted]
    return [index for index in found if index is not None] if None not in found else None


def _rearranged(response: SubgraphResponse, places: Mapping[str, Sequence[int]]) -> SubgraphResponse:
    found = dict(response.data) if response.data is not None else None
    for key, positions in places.items():
        rows = found.get(key) if found is not None else None
        if found is not None and isinstance(rows, list):
            found[key] = [rows[index] for index in positions if index < len(rows)]
    errors = tuple(moved for error in response.errors for moved in _move_error(error, places))
    return replace(response, data=found, errors=errors, body=None)


def _move_error(error: Mapping[str, Any], places: Mapping[str, Sequence[int]]) -> list[Mapping[str, Any]]:
    """Returns the error where its entity is now; nothing when that entity is not asked for any more."""
    path = error.get("path")
    if not isinstance(path, list) or len(path) < 2 or path[0] not in places:
        return [error]
    if path[1] not in places[path[0]]:
        return []
    return [{**error, "path": [path[0], places[path[0]].index(path[1]), *path[2:]]}]
