"""Room supergraph."""
