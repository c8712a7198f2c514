"""The schedule of a plan's fetches, and one fetch from request to merged answer."""
