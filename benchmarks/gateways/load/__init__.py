"""Closed-loop load: a `LoadPlan` comes in, a `LoadResult` goes out.

So many connections, each with one request under way, the next one when the answer is in. `generator.py` is a
program of our own: it ends by waiting for what is under way, so that no work of the gateway goes uncounted,
which matters where a gateway answers few requests a second. wrk (`wrk.lua`), which drops what is under way,
is there to compare with. `run.py` starts either in a process of its own. `paced.py` is another kind of load:
requests at a fixed rate.
"""
