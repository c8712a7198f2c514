"""Puts the answer to a fetch together from what was kept and what was fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from router.cache.fetch_facts import EntitySelection
from router.errors import SubgraphError
from router.executor.caching.exchange import NULL
from router.executor.caching.items import Item
from router.executor.transport.client import SubgraphResponse


def put_together(
    selections: Sequence[EntitySelection],
    items: Sequence[Item],
    errors: Sequence[Mapping[str, Any]],
    *,
    wants_body: bool,
) -> SubgraphResponse:
    """Returns the answer; as bytes where the caller takes them and there are no errors."""
    is_clean = wants_body and not errors
    if not selections:
        body = items[0].served or NULL
        if is_clean:
            return SubgraphResponse(None, body=b'{"data":' + body + b"}")
        return SubgraphResponse(orjson.loads(body), tuple(errors))
    lists: dict[str, list[bytes]] = {selection.key: [] for selection in selections}
    for item in items:
        assert item.selection is not None, "a fetch is either of entities or of the root"
        lists[item.selection.key].append(item.served or NULL)
    if is_clean:
        fields = [b'"%s":[%s]' % (key.encode(), b",".join(values)) for key, values in lists.items()]
        return SubgraphResponse(None, body=b'{"data":{' + b",".join(fields) + b"}}")
    data = {key: [orjson.loads(value) for value in values] for key, values in lists.items()}
    return SubgraphResponse(data, tuple(errors))


def error_of(failure: SubgraphError) -> dict[str, Any]:
    """Returns a failed exchange as the error of an answer that has other parts."""
    extensions: dict[str, Any] = {"code": failure.code}
    if failure.http_status is not None:
        extensions["http"] = {"status": failure.http_status}
    return {"message": failure.message, "extensions": extensions}
