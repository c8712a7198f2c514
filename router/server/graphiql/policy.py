"""The Content-Security-Policy of the GraphiQL page."""

from __future__ import annotations


def content_security_policy(*, script: str = "'self'", style: str = "'self'", font: str = "'self'") -> str:
    """Returns the policy; the arguments are the sources of the page's own files.

    Scripts are never inline. Styles must be: the Monaco editor writes style elements while it runs.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {script}",
            f"style-src {style} 'unsafe-inline'",
            f"font-src {font} data:",
            "img-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
