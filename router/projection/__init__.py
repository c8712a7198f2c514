"""Room projection."""
