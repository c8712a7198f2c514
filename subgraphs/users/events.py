"""What happens to profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserErased(Event):
    """What a person told of themself is gone; the subject is the user, whose id stays."""

    type: ClassVar[str] = "user.erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    """A person agreed to a purpose or no longer does; the subject is the user."""

    type: ClassVar[str] = "user.consent_recorded"

    purpose: str
    granted: bool
