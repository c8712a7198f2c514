"""What every domain is built with; the kit knows no domain.

A request comes in at `http_edge` or by `SubgraphApp.execute` (in process), both of which end in
`operation_runner`. There `auth` turns headers into a Viewer, `documents` parses, validates and bounds the
query, `execution` compiles and runs it, `context` carries the viewer, the database sessions and the loaders
to the resolvers, and `masking` decides what an error may say.

A domain's mutation runs in one transaction opened and closed by `mutations`; services inside it raise
`DomainError`, write events with `events.record_event`, and never commit.
"""
