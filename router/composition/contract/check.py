"""Holds a filtered schema to the rules of @inaccessible, and a contract's tags to those in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from router.composition.contract.contract import Contract
from router.composition.contract.contract_tag_unused import contract_tag_unused
from router.composition.diagnostics import Diagnostic
from router.composition.merge.model import MergedSchema
from router.composition.rules import check_hidden

_ADVICE = {
    "REFERENCED_INACCESSIBLE": "Tag the field and its type alike, so that the contract keeps or hides both.",
    "DEFAULT_VALUE_USES_INACCESSIBLE": (
        "Change the default value, or tag what it uses so that the contract keeps it."
    ),
    "QUERY_ROOT_TYPE_INACCESSIBLE": "Tag a field of the query root with an included tag, or exclude less.",
    "REQUIRED_INACCESSIBLE": (
        "Make it nullable or give it a default, or exclude what it belongs to as well."
    ),
    "IMPLEMENTED_BY_INACCESSIBLE": (
        "Tag the interface's field and the fields that implement it alike, so that the contract keeps or "
        "hides them together."
    ),
}


def check_contract(schema: MergedSchema, contract: Contract) -> Iterator[Diagnostic]:
    """Check what `apply_contract` made, and that somebody carries each tag of the contract."""
    yield from contract_tag_unused(schema, contract)
    for diagnostic in check_hidden(schema):
        yield replace(diagnostic, advice=_ADVICE.get(diagnostic.code, diagnostic.advice))
