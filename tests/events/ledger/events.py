"""What happens to accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """An account was changed for the n-th time; the subject is the account."""

    type: ClassVar[str] = "account.changed"

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """An account was closed; the subject is the account."""

    type: ClassVar[str] = "account.closed"
