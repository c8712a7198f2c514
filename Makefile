# Each target does all of its own set-up; Python 3.11 or newer, git and make are enough.
# Variables: PYTHON=python3.12 picks the interpreter, WORKERS=4 the number of test processes, many of which wait
# for processes of their own,
# ARGS="--port 4001" goes to the command.

SHELL := /bin/sh
WORKERS ?= 3
ARGS ?=
BIN := .venv/bin
SOURCES := zellige router subgraphs migrations tests tools $(wildcard benchmarks)

.PHONY: help setup setup-checks setup-bench graphiql dev test check lint format types walls size schema-check schema bench bench-memory bench-faults bench-profile bench-all bench-planning bench-subscriptions bench-composition bench-execution fuzz-long fuzz-execution interop clean chaos-events attack

help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Makes .venv with what running and testing need
	@tools/setup.sh

setup-checks:
	@tools/setup.sh checks

setup-bench:
	@tools/setup.sh bench

dev: setup graphiql ## Starts everything on http://127.0.0.1:4000 (ARGS="--port 4001")
	@$(BIN)/zellige dev $(ARGS)

graphiql: setup ## Builds the GraphiQL page where Node.js is there; without it, pinned files from a CDN serve
	@if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then \
		$(BIN)/python -m router.server.graphiql build || echo "GraphiQL comes from the CDN then." >&2; fi

test: setup ## Runs the tests, on the engines of the environment or on embedded ones
	@WORKERS=$(WORKERS) tools/test.sh $(ARGS)

check: lint types walls size schema-check test ## Runs every check, as CI does

lint: setup-checks ## Formatting and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: setup-checks ## Formats the code and sorts imports
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-checks ## Types, by pyright
	@$(BIN)/pyright

walls: setup-checks ## Who may import whom
	@$(BIN)/lint-imports

size: setup ## Functions, files and names
	@$(BIN)/python tools/size_lint.py $(SOURCES)

schema-check: setup ## The exported schemas stand as the code makes them
	@$(BIN)/zellige schema check

schema: setup ## Exports the schemas anew
	@$(BIN)/zellige schema export

bench: setup ## Measures the router beside other gateways and hand-written floors (ARGS="--help"); peers need npm
	@$(BIN)/python -m benchmarks.gateways $(ARGS)

bench-memory: setup ## What a worker holds after a million requests (ARGS="--requests 50000" for less)
	@$(BIN)/python -m benchmarks.gateways memory $(ARGS)

bench-faults: setup ## What becomes of queries when a subgraph fails in each of many ways
	@$(BIN)/python -m benchmarks.gateways faults $(ARGS)

bench-profile: setup-bench ## Where each tenth of the public operation's time goes in the router
	@$(BIN)/python -m benchmarks.gateways profile $(ARGS)

bench-all: setup ## Runs the other comparisons (ARGS="--peers" for those of the npm registry)
	@$(BIN)/python -m benchmarks $(ARGS)

bench-subscriptions: setup ## Ten thousand subscribers, clients that are cut, a gateway of npm (ARGS="--subscribers 2000")
	@$(BIN)/python -m benchmarks.subscriptions $(ARGS)

bench-planning: setup ## Plans beside the planners of the npm registry; needs Node.js
	@$(BIN)/python -m benchmarks.planning --peers $(ARGS)

bench-composition: setup ## Composes beside the composers of the npm registry; needs Node.js
	@$(BIN)/python -m benchmarks.composition --peers $(ARGS)

bench-execution: setup ## Executes beside graphql-core, graphql-js and graphql-jit; needs Node.js and databases
	@$(BIN)/python -m benchmarks.execution --peers --platform $(ARGS)

fuzz-execution: setup ## Compares compiled execution with graphql-core on 20,000 random operations
	@ZELLIGE_SEED=$${ZELLIGE_SEED:-1000} ZELLIGE_EXECUTION_OPERATIONS=$${ZELLIGE_EXECUTION_OPERATIONS:-25000} \
		$(BIN)/python -m pytest -q -n $(WORKERS) tests/execution/test_differential.py $(ARGS)

fuzz-long: setup ## Compares router and monolith on 20,000 random operations; the first seed is ZELLIGE_SEED
	@ZELLIGE_SEED=$${ZELLIGE_SEED:-1000} ZELLIGE_FUZZ_OPERATIONS=$${ZELLIGE_FUZZ_OPERATIONS:-20000} \
		$(BIN)/python -m pytest -q -n $(WORKERS) tests/fuzz/test_differential.py $(ARGS)

interop: setup ## Serves our supergraph by a gateway from npm; needs Node.js
	@ZELLIGE_INTEROP=1 $(BIN)/python -m pytest -q tests/interop $(ARGS)

attack: setup ## Attacks the edge in every way we know; each is refused with its code, and others are answered
	@$(BIN)/python -m pytest -q -n $(WORKERS) tests/attack $(ARGS)

chaos-events: setup ## Kills domains, relays, consumers, Redis and PostgreSQL for minutes; every event has one effect
	@ZELLIGE_CHAOS_SECONDS=$${ZELLIGE_CHAOS_SECONDS:-180} $(BIN)/python -m pytest -q -s tests/chaos $(ARGS)

attack: setup ## Attacks the router and subgraphs: forged tokens, smuggled headers, bombs; each must be refused
	@$(BIN)/python -m pytest -q tests/attack tests/isolation $(ARGS)

clean: ## Removes the environment and caches, never the data in .zellige
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
