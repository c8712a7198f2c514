"""Composition beside the composers of the npm registry, in one run, as ratios.

In: our own four domains, the conformance suites when their folder is found, and generated subgraphs. Each
round composes from SDL text, parsing included; the processes are started once. Out: a table per corpus on the
screen, and all figures in `benchmarks/results/composition.json`.
"""
