"""Room executor."""
