"""The bus on RabbitMQ; 3.10 or newer, with quorum queues and streams.

Names, for the topic `order` and the service `notifications`:

    zellige.events                  topic exchange; the routing key is the event's type
    zellige.log.order               stream queue bound to `order.#`: the topic's log, which feeds resume from
    zellige.service.notifications   quorum queue bound to the service's types, single active consumer
    zellige.dead                    direct exchange for what a service buries or dies over
    zellige.dead.notifications      durable queue of the service's dead letters

A message's body is CloudEvents JSON, its `message_id` the event's id. Positions are offsets of the log.
AMQP has no way to publish once only, so a log may hold an event twice after a relay's crash; `log` shows
readers the first. Files: `connection`, `topology`, `deliveries`, `consumption`, `receiver`,
`log`, `dead_letters`, `bus`.
"""
