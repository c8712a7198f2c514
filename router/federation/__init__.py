"""Room federation."""
