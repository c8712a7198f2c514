"""What the router says about itself: records of requests come in; log lines, metrics and spans go out.

Steps: `Telemetry.begin` makes a `RequestRecord` and, with tracing on, decides whether it is sampled; the
rooms above write into it; `Telemetry.end` takes it, and some at a time are counted (`metrics.py`), handed to
the export of spans (`otlp.py`, in a thread) and logged. Components tell what they count by `readings()`, when
metrics are asked for; every metric stands in `catalogue.py`. `configure_logging` is called once at start;
every log line passes redaction. This room never makes a request wait for a network, and keeps no variable,
document or header.
"""
