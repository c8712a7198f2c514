"""Where fetched data goes: the objects under a path, their representations, deep merging, error paths."""
