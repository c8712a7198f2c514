"""What stands in schema/events is what the code says, and nothing in it may break a listener."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import UUID, uuid4

import pytest

from subgraphs.kit.events.cloud_event import CloudEvent, MalformedEventError
from subgraphs.kit.events.compatibility import contract_changes, unmet_needs
from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.schemas import EventSchemas, event_schema
from subgraphs.kit.trace_context import TraceContext
from zellige.assembly.event_contracts import make_contracts
from zellige.assembly.supergraph_file import read_supergraph_file

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Line:
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """As it was released."""

    type: ClassVar[str] = "order.placed"

    number: int
    note: str | None
    lines: tuple[Line, ...]
    kind: Literal["web", "shop"]
    names: dict[str, str]


RELEASED = event_schema(OrderPlaced, "orders")


def changed(**changes: Any) -> Mapping[str, Any]:
    """Returns the released schema with other fields; None takes one away."""
    schema = json.loads(json.dumps(RELEASED))
    for name, each in changes.items():
        if each is None:
            del schema["properties"][name]
            schema["required"].remove(name)
        else:
            schema["properties"][name] = each
            schema["required"] = sorted({*schema["required"], name})
    return schema


def breaks(after: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = contract_changes({"order.placed": RELEASED}, {"order.placed": after})
    return [(change.code, change.place) for change in found]


def test_the_exported_contracts_and_the_catalogue_are_what_the_code_makes() -> None:
    contracts = make_contracts(ROOT / "schema", read_supergraph_file(ROOT / "schema" / "supergraph.yaml"))
    stale = [
        path.name for path, text in contracts.files().items() if path.read_text() != text.rstrip() + "\n"
    ]
    assert stale == [], "run `zellige schema export`"
    assert contracts.gone() == []
    assert contracts.changes_since(contracts.folder) == ()


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (RELEASED, []),
        (changed(city={"type": "string"}), []),
        (changed(number=None), [("FIELD_REMOVED", "order.placed.number")]),
        (changed(note=None), [("FIELD_REMOVED", "order.placed.note")]),
        (changed(number={"type": "string"}), [("FIELD_RETYPED", "order.placed.number")]),
        (changed(note={"type": "string"}), []),
        (
            changed(number={"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            [("FIELD_RETYPED", "order.placed.number")],
        ),
        (changed(number={"type": "integer", "minimum": 0}), []),
        (changed(kind={"type": "string", "enum": ["web"]}), []),
        (changed(kind={"type": "string", "enum": ["web", "app"]}), [("VALUE_ADDED", "order.placed.kind")]),
        (changed(kind={"type": "string"}), [("VALUE_ADDED", "order.placed.kind")]),
        (
            changed(names={"type": "object", "additionalProperties": {"type": "integer"}}),
            [("FIELD_RETYPED", "order.placed.names[]")],
        ),
        (
            {
                **RELEASED,
                "$defs": {
                    "Line": {**RELEASED["$defs"]["Line"], "properties": {"quantity": {"type": "integer"}}}
                },
            },
            [("FIELD_REMOVED", "order.placed.lines[].variant_id")],
        ),
        (
            {**RELEASED, "required": [name for name in RELEASED["required"] if name != "number"]},
            [("FIELD_OPTIONAL", "order.placed.number")],
        ),
    ],
)
def test_a_payload_may_gain_fields_and_nothing_else(
    after: Mapping[str, Any], found: list[tuple[str, str]]
) -> None:
    assert breaks(after) == found


def test_an_event_that_is_gone_breaks_its_listeners() -> None:
    (change,) = contract_changes({"order.placed": RELEASED}, {})
    assert (change.code, change.place) == ("EVENT_REMOVED", "order.placed")


async def nothing(context: EventContext, payload: object) -> None: ...


def test_a_consumer_that_reads_what_no_event_has_is_found() -> None:
    @dataclass(frozen=True, slots=True)
    class Reads:
        number: int
        city: str
        country: str = "dz"
        lines: list[dict[str, Any]] = field(default_factory=list)

    consumer = Consumer("ship", on=("order.placed", "order.sold"), reads=Reads, handle=nothing)
    needs = [("shipping.ship", kind, consumer.schema()) for kind in consumer.types]
    found = unmet_needs({"order.placed": RELEASED}, needs)
    assert [(change.code, change.place) for change in found] == [
        ("EVENT_DIFFERS", "order.placed.city"),
        ("EVENT_UNKNOWN", "order.sold"),
    ]
    assert "shipping.ship relies on it" in found[0].message


def test_what_an_event_class_makes_fits_its_own_schema_and_what_it_would_not_make_does_not() -> None:
    schemas = EventSchemas({"order.placed": OrderPlaced}, "orders")
    event = OrderPlaced(
        subject="1",
        occurred_at=datetime.now(UTC),
        number=7,
        note=None,
        lines=(Line(uuid4(), 2),),
        kind="web",
        names={"fr": "Sel"},
    )
    payload = event.payload()
    assert schemas.fault_in("order.placed", payload) is None
    fault = schemas.fault_in("order.placed", {**payload, "kind": "fax", "number": "7"})
    assert fault == 'number: "7" is not of type "integer"; kind: "fax" is not one of "web" or "shop"'


def test_an_event_travels_as_a_cloud_event_and_comes_back_the_same() -> None:
    event = CloudEvent(
        id=uuid4(),
        source="/zellige/orders",
        type="order.placed",
        subject="o-1",
        time=datetime(2026, 11, 20, 15, 40, 25, 158_381, tzinfo=UTC),
        data={"number": 7},
        tenant=uuid4(),
        trace=TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=value"),
    )
    attributes = json.loads(event.to_json())
    assert attributes == {
        "specversion": "1.0",
        "id": str(event.id),
        "source": "/zellige/orders",
        "type": "order.placed",
        "subject": "o-1",
        "time": "2026-11-20T15:40:25.158381Z",
        "datacontenttype": "application/json",
        "tenant": str(event.tenant),
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": "vendor=value",
        "data": {"number": 7},
    }
    assert CloudEvent.from_json(event.to_json()) == event
    assert CloudEvent.from_json(json.dumps({**attributes, "later": 1}).encode()) == event


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"specversion": "0.3"}', b'{"specversion": "1.0"}'])
def test_what_is_no_cloud_event_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedEventError):
        CloudEvent.from_json(text)
