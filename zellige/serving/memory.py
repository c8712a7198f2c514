"""How a serving process uses memory: what is loaded stays, what requests leave behind is cheap to reuse."""

from __future__ import annotations

import ctypes
import gc

# Fifty requests in flight hold some 30,000 objects, nearly all of which are gone before the next fifty come:
# looking for cycles among them at Python's own 700 costs 6 % of a large response's CPU time.
YOUNG_OBJECTS_MAX = 50_000
# asyncio reads into a fresh 256 kB each time. glibc maps and unmaps pages for every block above 128 kB, which
# costs twice what the reading does; these keep such blocks in its heap.
_MALLOC_BLOCK_BYTES_MAX = 4_000_000
_MALLOC_KEPT_BYTES_MAX = 8_000_000
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def settle_memory() -> None:
    """Makes the process ready to serve, once everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 20, 50)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # glibc has it; musl and macOS have other allocators
        mallopt(_M_MMAP_THRESHOLD, _MALLOC_BLOCK_BYTES_MAX)
        mallopt(_M_TRIM_THRESHOLD, _MALLOC_KEPT_BYTES_MAX)
