"""Room server."""
