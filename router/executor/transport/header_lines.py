"""The client's headers that go on to subgraphs, as the lines of a request's head.

All fetches of one client request carry the same ones, so they are written once and kept in its scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from router.executor.transport.client import SubgraphRequest

TRACE_HEADER = "traceparent"
"""Each fetch has a value of its own, which comes with the request."""


def line_names(names: Iterable[str], without: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the names in lower case, each once, but for those that are written otherwise."""
    left_out = {TRACE_HEADER, *without}
    return tuple(name for name in dict.fromkeys(each.lower() for each in names) if name not in left_out)


def header_lines(request: SubgraphRequest, names: tuple[str, ...]) -> bytes:
    """Returns the lines of the headers of these names that a request has and that can be written."""
    scope = request.scope
    if scope.lines_of is not request.headers:
        scope.lines_of = request.headers
        scope.lines = {}
    found = scope.lines.get(names)
    if found is None:
        found = scope.lines[names] = _write(request.headers, names)
    return found


def _write(headers: Mapping[str, str], names: tuple[str, ...]) -> bytes:
    lines = ""
    for name in names:
        value = headers.get(name)
        if value is not None and is_header_safe(value):
            lines += f"{name}: {value}\r\n"
    return lines.encode("latin-1")


def is_header_safe(value: str) -> bool:
    """Tells whether a value can stand in a header: one line, Latin-1."""
    return value.isprintable() and (value.isascii() or all(character <= "\xff" for character in value))
