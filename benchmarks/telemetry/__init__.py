"""What telemetry costs: the router with each part of it on, beside the same router without, in turn.

`python -m benchmarks.telemetry` measures the public operation and the one-field query over memoised
subgraphs, the router alone on one core, spans sent to a collector on another. It prints throughput and
CPU time with each part, and fails when all of it together makes a request of the public operation cost more
than a tenth above what it costs without.
"""
