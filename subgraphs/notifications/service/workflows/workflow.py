"""What a workflow is: what it tells of, over which channels and when."""

from __future__ import annotations

from dataclasses import dataclass

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
    """One kind of notification. Its texts, and the schema of its variables, are the template of its key."""

    key: str
    topic: Topic
    steps: tuple[Step, ...]
    description: str
    by_staff: bool = False
    """Whether staff may start it, and not events alone."""

    def __post_init__(self) -> None:
        if self.is_critical and any(step.digest_window_s is not None for step in self.steps):
            raise ValueError(f"{self.key} is critical and cannot wait for a digest")

    @property
    def is_critical(self) -> bool:
        """Whether nobody can switch it off."""
        return self.topic in CRITICAL_TOPICS
