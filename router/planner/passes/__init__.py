"""Rewrites of the fetch steps that keep the answer and make fewer or earlier fetches, one per file."""
