"""What the users domain refuses, beyond the kit's own refusals.

DomainError
└── TooManyAddresses    TOO_MANY_ADDRESSES
"""

# ruff: noqa: N818 - a refusal reads as a sentence, as its code does

from __future__ import annotations

from subgraphs.kit.errors import DomainError


class TooManyAddresses(DomainError):
    """The address book is full."""

    code = "TOO_MANY_ADDRESSES"
