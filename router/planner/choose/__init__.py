"""Chooses one place for each leaf, so that all together cost least."""
