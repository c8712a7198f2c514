"""Alembic migrations, one history per domain under `<domain>/versions/`, with one shared `env.py`."""
