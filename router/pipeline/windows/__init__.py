"""Counters over sliding windows: what is to be taken comes in, whether all of it was there goes out.

A counter has the total of the present window and of the one before; what counts is the present one and as
much of the other as the last `window` still covers. `window` has the arithmetic, `memory` and `redis_windows`
the counters, `resilient` what happens while Redis does not answer. All hits of one call are taken together
or not at all, in one exchange. What is counted, and who is told, is not known here.
"""

from router.pipeline.windows.open import open_windows
from router.pipeline.windows.window import Hit, Standing, Taken, Windows, WindowsUnavailableError

__all__ = ["Hit", "Standing", "Taken", "Windows", "WindowsUnavailableError", "open_windows"]
