"""The benchmarks' own machinery: that what they time is right, and that what they write can be read."""
