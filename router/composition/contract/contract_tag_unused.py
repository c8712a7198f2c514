"""CONTRACT_TAG_UNUSED: somebody carries each tag that a contract names.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.contract.contract import Contract
from router.composition.contract.tags import tags_in_use
from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.model import MergedSchema


def contract_tag_unused(schema: MergedSchema, contract: Contract) -> Iterator[Diagnostic]:
    """Somebody carries each tag that a contract names."""
    used = tags_in_use(schema)
    there_are = ", ".join(f'"{tag}"' for tag in sorted(used)) or "none"
    for verb, tags in (("includes", contract.include_tags), ("excludes", contract.exclude_tags)):
        for tag in sorted(tags - used):
            message = f'The contract {verb} the tag "{tag}", which nothing carries; tags in use: {there_are}.'
            yield hint("CONTRACT_TAG_UNUSED", message)
