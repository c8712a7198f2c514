"""What a workflow is: what it tells of, over which channels, when, and in which words inside the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.notifications.service.workflows.variables import Variables, present
from subgraphs.notifications.states import CRITICAL_TOPICS, Channel, Topic


@dataclass(frozen=True, slots=True)
class Step:
    """One channel a workflow uses: how long after its start, and in windows of which length.

    With a `digest_window_s` everything of one digest key that falls due in a window is sent as one.
    """

    channel: Channel
    delay_s: int = 0
    digest_window_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One kind of notification. Each text may use the variables by name: `{number}`."""

    key: str
    topic: Topic
    steps: tuple[Step, ...]
    variables: Variables
    title: LocalizedText
    body: LocalizedText
    by_staff: bool = False
    """Whether staff may start it, and not events alone."""
    description: str = field(default="")

    def __post_init__(self) -> None:
        if self.is_critical and any(step.digest_window_s is not None for step in self.steps):
            raise ValueError(f"{self.key} is critical and cannot wait for a digest")

    @property
    def is_critical(self) -> bool:
        """Whether nobody can switch it off."""
        return self.topic in CRITICAL_TOPICS

    def words(self, payload: Mapping[str, Any]) -> tuple[LocalizedText, LocalizedText]:
        """Returns title and body for the app in every language they are written in."""
        shown = {each: present(self.variables, payload, each) for each in Locale}
        return _fill(self.title, shown), _fill(self.body, shown)


def _fill(text: LocalizedText, shown: Mapping[Locale, Mapping[str, str]]) -> LocalizedText:
    def filled(locale: Locale) -> str | None:
        pattern: str | None = getattr(text, locale.value)
        return pattern.format_map(shown[locale]) if pattern is not None else None

    return LocalizedText(filled(Locale.AR), filled(Locale.FR), filled(Locale.EN))
