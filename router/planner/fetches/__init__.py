"""Grows fetch steps along the chosen places."""
