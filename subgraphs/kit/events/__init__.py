"""The event backbone: what one domain did reaches every other, at least once, and has its effect once.

In: `Event`s that use-cases record (`event`, `outbox`) in the transaction of the change. Out: handlers of
`Consumer`s (`consumer`) called in a transaction of their own domain, and positioned events for live feeds.

The way of an event:
1. `outbox` writes it as a row; the commit wakes a relay by NOTIFY.
2. `relay` takes the rows in order per subject, holds each against its JSON Schema (`schemas`), wraps it as a
   CloudEvent (`cloud_event`) and gives it to the bus, then marks it published.
3. An `EventBus` (`bus`) keeps it: Redis Streams (`redis_bus`) or RabbitMQ (`rabbit_bus`), chosen by URL.
4. `consuming` receives it for each domain that has consumers, in order per subject (`ordered`), and calls the
   handlers; `inbox` writes the event's id in the effect's own transaction, so that a repetition does nothing.
   What fails again and again is put aside as a dead letter, and can be replayed.

It must not know any domain, and nothing in it may change an event that was recorded.
"""
