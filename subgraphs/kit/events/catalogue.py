"""The catalogue of events, for people: what there is, what each carries, who listens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from subgraphs.kit.events.event import topic_of

HEAD = """\
# Events

Written by `zellige schema export` from each domain's `events.py`; do not edit. How to add one, listen to
one or follow them live: [the guide](../../docs/guides/events.md).

Every event travels as a [CloudEvent](https://github.com/cloudevents/spec) 1.0 in JSON: `id`, `source`,
`type`, `subject` (the id of what it happened to), `time`, `tenant` (the organization, if it belongs to one),
`traceparent` and `tracestate` (if it was recorded within a trace), and as `data` what stands below. A
payload may gain fields; nothing that stands here goes or changes its type.
"""


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """One event type: the schema of its payload and the consumers that listen to it."""

    type: str
    schema: Mapping[str, Any]
    listeners: Sequence[str]


def render_catalogue(events: Sequence[ListedEvent]) -> str:
    """Returns the catalogue as Markdown, by topic."""
    return "\n".join([HEAD, *_topics(events)])


def _topics(events: Sequence[ListedEvent]) -> Iterator[str]:
    for topic in sorted({topic_of(event.type) for event in events}):
        yield f"## {topic}\n"
        for event in events:
            if topic_of(event.type) == topic:
                yield from _paragraph(event)


def _paragraph(event: ListedEvent) -> Iterator[str]:
    domain = event.schema["x-source"].rpartition("/")[2]
    yield f"### {event.type}\n"
    yield f"{event.schema['description']}\n"
    listeners = ", ".join(f"`{each}`" for each in event.listeners) or "nobody yet"
    yield f"From {domain} ([schema]({event.type}.json)); heard by {listeners}.\n"
    properties = event.schema["properties"]
    if properties:
        yield "| field | is |"
        yield "| --- | --- |"
        for name, schema in properties.items():
            yield f"| `{name}` | {_describe(schema, event.schema.get('$defs', {}))} |"
        yield ""


def _describe(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _describe(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return " or ".join(_describe(each, definitions) for each in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return f"list of {_describe(items, definitions)}"
    if "properties" in schema:
        fields = (f"`{name}` {_describe(each, definitions)}" for name, each in schema["properties"].items())
        return "{ " + ", ".join(fields) + " }"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"map from text to {_describe(schema['additionalProperties'], definitions)}"
    written = str(schema.get("format") or schema.get("type", "any value"))
    return "text" if written == "string" else written
