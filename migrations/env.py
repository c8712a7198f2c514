"""Runs one domain's history on the connection that `subgraphs.kit.migrations` hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]

# `transactional_ddl` is left to the caller's transaction, so that the advisory lock spans the whole upgrade.
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    compare_type=True,
    compare_server_default=False,
)
context.run_migrations()
