"""What the router says about itself: settings come in, structured log lines go out on standard error.

`configure_logging` is called once at start. Everything passes `redact_secrets`, so that no token reaches a
log by any path. Spans and metrics will stand beside the log lines here.
"""
