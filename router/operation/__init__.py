"""Room operation."""
