"""Merges what two fetches say of one object."""

from __future__ import annotations

from typing import Any


def deep_merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Adds `source` to `target`: objects key by key, lists of equal length item by item.

    Where they differ otherwise, what was there first stays. A null in the target gives way to a value:
    another subgraph could answer what one could not.
    """
    for key, value in source.items():
        known = target.get(key)
        if known is None:
            target[key] = value
        else:
            _merge_values(known, value)


def _merge_values(known: Any, value: Any) -> None:
    if isinstance(known, dict):
        if isinstance(value, dict):
            deep_merge(known, value)
    elif isinstance(known, list) and isinstance(value, list) and len(known) == len(value):
        for index, (one, other) in enumerate(zip(known, value, strict=True)):
            if one is None:
                known[index] = other
            else:
                _merge_values(one, other)


def copy_value(value: Any) -> Any:
    """Returns a copy of JSON data: objects that stand in two places of a response must not be shared."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


def rename_keys(value: Any, renames: dict[str, str]) -> Any:
    """Returns the data with every key that `renames` holds renamed, at any depth."""
    if isinstance(value, dict):
        return {renames.get(key, key): rename_keys(item, renames) for key, item in value.items()}
    if isinstance(value, list):
        return [rename_keys(item, renames) for item in value]
    return value
