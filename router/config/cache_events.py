"""What the event bus says is out of date."""

from __future__ import annotations

import re

from pydantic import Field, model_validator

from router.config.event_streams import EventStreamsConfig
from router.config.section import Section

_TYPE = r"^[A-Za-z_][\w-]*(\.[\w-]+)*$"
_REFERENCE = re.compile(r"\{\s*\$event(?:\.[_A-Za-z]\w*)+\s*\}")


class EventRuleConfig(Section):
    """One kind of event and what it makes invalid: a type, a tag, or all that a subgraph answered.

    Values are taken from the event by `{$event.subject}` or `{$event.data.product_id}`. Where an event has no
    such value, or a list there, the rule is wider: all of the type, of the subgraph, or everything.
    """

    event: str = Field(pattern=_TYPE)
    """The type of the events, as `product.updated`; `product` is every event of that topic."""
    subgraph: str | None = Field(default=None, min_length=1)
    """The only subgraph whose answers it reaches; else all of them."""
    type: str | None = Field(default=None, min_length=1)
    key: dict[str, str] = Field(default_factory=dict)
    """Paths of key fields, as `id` or `shop.id`, and their values; none: all of the type."""
    tag: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check_form(self) -> EventRuleConfig:
        if (self.type is not None) + (self.tag is not None) > 1 or (self.key and self.type is None):
            raise ValueError("a rule has a type, perhaps with a key, or a tag")
        if self.type is None and self.tag is None and self.subgraph is None:
            raise ValueError("a rule says what is invalid: type, tag or subgraph")
        for text in (*self.key.values(), self.tag or ""):
            if set("{}") & set(_REFERENCE.sub("", text)):
                raise ValueError(f"{text!r}: a value of the event is written {{$event.data.product_id}}")
        return self


class CacheEventsConfig(EventStreamsConfig):
    """Invalidations read from an event bus that keeps a log of each topic."""

    event: str | None = Field(default="cache.invalidate", pattern=_TYPE)
    """Events of this type carry the body of `POST /cache/invalidate` as their data; null: there are none."""
    rules: tuple[EventRuleConfig, ...] = Field(default=(), max_length=1_000)
