"""From events of a bus to what they make invalid, by the rules of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from router.cache.formats import Format
from router.cache.invalidation import Invalidation, InvalidationError, parse_invalidations
from router.config import CacheEventsConfig, EventRuleConfig


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule with its texts parsed."""

    config: EventRuleConfig
    key: tuple[tuple[str, Format], ...]
    tag: Format | None

    @classmethod
    def of(cls, config: EventRuleConfig) -> _Rule:
        key = tuple((path, Format.parse(text)) for path, text in config.key.items())
        return cls(config, key, Format.parse(config.tag) if config.tag is not None else None)

    def invalidation_by(self, envelope: Mapping[str, Any]) -> Invalidation:
        values, subgraph = {"event": envelope}, self.config.subgraph
        if self.tag is not None:
            tag = self.tag.render(values)
            return Invalidation(subgraph, tag=tag, is_all=tag is None and subgraph is None)
        key = {path: text.render(values) for path, text in self.key}
        known = {path: text for path, text in key.items() if text is not None}
        return Invalidation(subgraph, self.config.type, known if len(known) == len(key) else {})


class EventRules:
    """What each event makes invalid; `topics` are those that have such events."""

    def __init__(self, config: CacheEventsConfig, invalidations_max: int) -> None:
        self._config = config
        self._invalidations_max = invalidations_max
        self._rules = tuple(_Rule.of(rule) for rule in config.rules)
        types = [rule.event for rule in config.rules] + ([config.event] if config.event else [])
        self.topics = tuple(sorted({type_.partition(".")[0] for type_ in types}))
        # Positions in the topics are worth something only under the rules they were read by.
        self.fingerprint = blake2b(config.model_dump_json().encode(), digest_size=12).hexdigest()

    def invalidations_of(self, topic: str, envelope: Mapping[str, Any]) -> Iterator[Invalidation]:
        """Yields what an event says; raises InvalidationError where it is to say so and does not."""
        type_ = envelope.get("type")
        if not isinstance(type_, str):
            raise InvalidationError("An event is CloudEvents JSON with a type.")
        for rule in self._rules:
            if rule.config.event in (type_, topic):
                yield rule.invalidation_by(envelope)
        if type_ == self._config.event:
            yield from parse_invalidations(envelope.get("data"), self._invalidations_max)
