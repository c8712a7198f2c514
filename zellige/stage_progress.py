"""The stages of a long work, shown on a terminal while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from zellige.console import speech

# Whatever is done sooner needs no explanation, and a bar that flashes up only disturbs.
PATIENCE_SECONDS = 1.0


class StageProgress:
    """Called with a stage, how much of it is done and how much there is (0: unknown); used as a context.

    Shows one line that goes away at the end, and nothing at all where there is no terminal.
    """

    def __init__(self, console: Console = speech, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._began = clock()
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> StageProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            if not self._console.is_terminal or self._clock() - self._began < PATIENCE_SECONDS:
                return
            self._bar = self._open()
        amount = f"{done} of {total}" if total > 1 else str(done or "")
        self._bar.update(self._task, description=stage, completed=done, total=total or None, amount=amount)

    def _open(self) -> Progress:
        stage, amount = TextColumn("{task.description}"), TextColumn("{task.fields[amount]}")
        bar = Progress(SpinnerColumn(), stage, BarColumn(), amount, console=self._console, transient=True)
        self._task = bar.add_task("", amount="")
        bar.start()
        return bar
