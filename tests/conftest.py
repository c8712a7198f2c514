"""Settings of the whole test run: the `--accept` option, the seed, the engines' owner."""

from __future__ import annotations

import os
import random

import pytest
import structlog

from router.telemetry import logs
from tests.support import engines

SEED_VARIABLE = "ZELLIGE_TEST_SEED"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the project's own options."""
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite the expected sections of case files with what was found; read the diff afterwards",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses `--accept` in CI, settles the seed and claims the engines for this run."""
    if config.getoption("--accept") and os.environ.get("CI"):
        raise pytest.UsageError("--accept rewrites expectations and is refused when CI is set")
    # Workers of pytest-xdist inherit the environment, hence one seed and one owner for all of them.
    os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randrange(2**32)))
    engines.claim_ownership()


def pytest_report_header(config: pytest.Config) -> str:
    """Prints the seed, so that a failure found by chance can be had again."""
    return f"seed: {os.environ[SEED_VARIABLE]} (repeat with {SEED_VARIABLE}={os.environ[SEED_VARIABLE]})"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the embedded engines, if this process owns any."""
    engines.stop_engines()


@pytest.fixture(autouse=True)
def _open_log() -> None:
    """Forgets the log of an earlier test, or of a command that one called: its stream closed with it."""
    stream = getattr(structlog.get_config()["logger_factory"], "_file", None)
    if stream is not None and stream.closed:
        structlog.reset_defaults()
        logs._output.lines = None


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of the run; a test that draws at random derives its generator from it."""
    return int(os.environ[SEED_VARIABLE])


@pytest.fixture(scope="session")
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether expected sections shall be rewritten."""
    return bool(request.config.getoption("--accept"))
