"""Gateways side by side: ours, those of the npm registry and hard-coded floors, in alternating rounds.

An operation of `operations.py` comes in, a row of figures for each gateway goes out. Steps: start the
memoised subgraphs (`subgraphs/`, they serve the graphs of `worlds/`) and the gateways (`catalogue.py`,
`floors/`, `peers/`), each gateway alone on one core; hold every answer against the monolith's
(`equality.py`); warm up; measure rounds in turn (`rounds.py`, with the generators of `load/`); print the
tables and hold the ratios against the bounds (`bounds.py`); keep the figures (`keeping.py`) and show them
in the guide (`report.py`). `scaling.py`, `faults.py`, `memory.py` and `profile.py` ask questions of their own
in the same rig. Nothing is timed that was not checked first, and nothing is compared across runs.
"""
