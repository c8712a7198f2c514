"""Sends the data of a subgraph on as it came, where a plan is one fetch and asks just what the client did.

The data is still checked, by decoding it into types that refuse what the client did not ask; it is only not
written anew. Keys then stand in the order of the subgraph, which is the order of the operation for all that
follow the GraphQL spec (7.2.2 asks it of them).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from router.executor.compiled.grow import ShapeTree
from router.executor.compiled.shape import Shape
from router.executor.compiled.structs import StructTypes
from router.plan import FetchedField, Plan

PassThrough = Callable[[bytes], bytes | None]

_AROUND = len(b'{"data":}')
"""What is around the data of a response that has nothing else, and then is passed on whole."""


class _Envelope(msgspec.Struct, gc=False):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[Any] | None = None
    extensions: dict[str, Any] | None = None


def compile_pass_through(tree: ShapeTree, plan: Plan) -> PassThrough | None:
    """Returns what makes the client's response of the subgraph's, None when data has to be shaped.

    The function returns None for a response that cannot be passed on, clean or not; it raises msgspec errors
    for one that is no GraphQL response.
    """
    if len(plan.fetches) != 1 or plan.fetches[0].renames or plan.fetches[0].entities:
        return None
    if not _is_same(tree.root, plan.fetches[0].selection):
        return None
    read = msgspec.json.Decoder(_Envelope).decode
    check = msgspec.json.Decoder(StructTypes(takes_unknown=False).of_shape(tree.root)).decode

    def pass_through(body: bytes) -> bytes | None:
        envelope = read(body)
        if envelope.errors:
            return None
        try:
            check(envelope.data)
        except msgspec.ValidationError:
            return None
        data = bytes(envelope.data)
        return body if len(body) == len(data) + _AROUND else b'{"data":%b}' % data

    return pass_through


def _is_same(shape: Shape, selection: Sequence[FetchedField]) -> bool:
    """Whether a fetch brings exactly what the response shows of an object, in its order."""
    asked = [one for one in selection if one.types is None or shape.type_name in one.types]
    if [one.key for one in asked] != list(shape.fields):
        return False
    for one, wanted in zip(asked, shape.fields.values(), strict=True):
        if wanted.is_tagged or not wanted.is_output:
            return False
        below = wanted.below or {}
        if not all(_is_same(inner, one.fields or ()) and not inner.is_dead for inner in below.values()):
            return False
    return True
