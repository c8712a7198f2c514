"""The names of everything the bus keeps in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.kit.events.bus import Publication


@dataclass(frozen=True, slots=True)
class Keys:
    """Names below the bus's own."""

    name: str

    @property
    def topics(self) -> str:
        """The set of all topics."""
        return f"{self.name}:events:topics"

    def stream(self, topic: str) -> str:
        """A topic's stream and log."""
        return f"{self.name}:events:{topic}"

    def floor(self, topic: str) -> str:
        """The entry id before which the log may have been trimmed."""
        return f"{self.stream(topic)}:floor"

    def seen(self, publication: Publication) -> str:
        """The mark of a publication that was kept."""
        event = publication.event
        return f"{self.stream(event.topic)}:seen:{event.id}:{publication.edition}"

    def lease(self, topic: str, service: str) -> str:
        """Who receives the topic for the service."""
        return f"{self.stream(topic)}:lease:{service}"

    def dead(self, topic: str, service: str) -> str:
        """The service's dead letters of the topic."""
        return f"{self.stream(topic)}:dead:{service}"

    def again(self, topic: str, service: str) -> str:
        """Dead letters of the topic on their way to the service once more."""
        return f"{self.stream(topic)}:again:{service}"
