"""Room composition."""
