"""Values to JSON bytes, at orjson's speed where it can and without its limits where it cannot."""

from __future__ import annotations

import json
from typing import Any

import orjson


def encode_json(value: Any) -> bytes:
    """Returns `value` as UTF-8 JSON; raises ValueError when it has no JSON form.

    orjson refuses nesting over 254, integers over 64 bits and lone surrogates, all of which a subgraph's
    scalar may hold; the standard library writes them.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return _encode_slowly(value)


def _encode_slowly(value: Any) -> bytes:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(f"the value has no JSON form: {error}") from error
