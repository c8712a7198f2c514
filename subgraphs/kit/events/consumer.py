"""How a domain declares what it does when something happens elsewhere.

`subgraphs/<domain>/consumers.py` lists `CONSUMERS`:

    @dataclass(frozen=True, slots=True)
    class Registered:                       # of the payload, only what this domain needs
        email: str
        name: str
        locale: str

    async def welcome(context: EventContext, user: Registered) -> None:
        await start_workflow(context.session, "welcome", context.event.subject, now=context.now())

    CONSUMERS = (
        Consumer("welcome", on="user.registered", reads=Registered, handle=welcome),
    )

What a handler may rely on:
- It runs in a transaction of its own domain's database (`context.session`): committed with the inbox row
  when it returns, rolled back when it raises. An event whose effect was committed never reaches it again.
- Events of one topic and subject come in the order they were recorded, one by one; others side by side.
- When it raises, it is called again after a growing pause, `attempts_max` times in all; then the event is a
  dead letter (`zellige events dead`) and the next of its subject goes on. A database or bus that is away is
  waited for and costs no attempt.
- It runs at least once: what it does outside of the transaction may be repeated. Mail and HTTP calls belong
  in a job (`subgraphs.kit.jobs`) that the transaction leaves behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.event import topic_of

P = TypeVar("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EventContext:
    """What surrounds one call of a handler; `attempt` is 1 at the first."""

    event: CloudEvent
    session: AsyncSession
    app: SubgraphApp
    attempt: int

    @property
    def organization_id(self) -> UUID | None:
        """The tenant the event belongs to."""
        return self.event.tenant

    def now(self) -> datetime:
        """Returns the present moment by the app's clock."""
        return self.app.clock.now()

    def port(self, kind: type[T]) -> T:
        """Returns the implementation the app was wired with."""
        return self.app.port(kind)


@dataclass(frozen=True, slots=True)
class Consumer(Generic[P]):
    """One reaction of a domain: which events (`on`), what of their payload (`reads`), what to do (`handle`).

    `name` is unique in its domain and kept: under it the inbox remembers what was handled. `reads` is a
    dataclass with the fields the handler needs; further fields of the payload are passed over, a missing or
    retyped one is refused by `zellige schema check` before it can fail here.
    """

    name: str
    on: str | Sequence[str]
    reads: type[P]
    handle: Callable[[EventContext, P], Awaitable[None]]
    attempts_max: int = 8
    timeout_s: float = 30.0
    _adapter: TypeAdapter[P] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.types:
            raise ValueError(f"The consumer {self.name} is for no event")
        object.__setattr__(self, "_adapter", TypeAdapter(self.reads))

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it is for."""
        return (self.on,) if isinstance(self.on, str) else tuple(self.on)

    def read(self, data: Any) -> P:
        """Returns the payload as the handler takes it; raises pydantic's ValidationError when it cannot."""
        return self._adapter.validate_python(data)

    def schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of what the handler needs."""
        return self._adapter.json_schema()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one service (a domain with consumers) receives: events of these types, each once per service."""

    service: str
    types: frozenset[str]

    @classmethod
    def of(cls, service: str, consumers: Sequence[Consumer[Any]]) -> Subscription:
        """Returns the subscription all the consumers together need."""
        names = [consumer.name for consumer in consumers]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{service} has several consumers named {', '.join(repeated)}")
        return cls(service, frozenset(kind for consumer in consumers for kind in consumer.types))

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics the types belong to, sorted."""
        return tuple(sorted({topic_of(kind) for kind in self.types}))
