"""Rate limits: a request comes in before anything of it is parsed, a verdict goes out.

Steps: the rules that hold for the request, a counter's key for each (`rules`), all taken in one exchange with
the counters (`router.pipeline.windows`), the standard headers and the refusal (`limiter`).
It knows of a request what stands in its head and, as a text, in its document.
"""

from router.pipeline.rate_limits.limiter import RateLimiter, Verdict

__all__ = ["RateLimiter", "Verdict"]
