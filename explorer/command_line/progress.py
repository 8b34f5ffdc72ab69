"""How far training is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

BAR_INTERVAL: Final = 0.1
"""Seconds between two drawings of the bar."""

LINE_INTERVAL: Final = 5.0
"""Seconds between two lines."""


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """Told of every step; decides itself how much of it is shown."""

    def stepped(self, step: int, rate: float, scalars: Mapping[str, float]) -> None:
        """A step was taken; ``rate`` in steps per second."""
        ...


def reporter(first: int, last: int) -> Reporter:
    """The way of showing progress that suits standard output."""
    return BarReporter(first, last) if sys.stdout.isatty() else LineReporter(last)


class LineReporter:
    """Plain lines, for logs and pipes."""

    def __init__(self, last: int, interval: float = LINE_INTERVAL) -> None:
        self._last = last
        self._interval = interval
        self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing to put away."""

    def stepped(self, step: int, rate: float, scalars: Mapping[str, float]) -> None:
        """Print a line if the last one is old enough, and at the last step."""
        now = time.monotonic()
        if now - self._shown >= self._interval or step == self._last:
            self._shown = now
            print(f"step {step:,} of {self._last:,}  {rate:,.0f} steps/s  {scalars_text(scalars)}", flush=True)


class BarReporter:
    """A bar with the losses beside it."""

    def __init__(self, first: int, last: int) -> None:
        self._bar = Progress(
            TextColumn("step {task.completed:,.0f} of {task.total:,.0f}"),
            BarColumn(),
            TextColumn("{task.fields[rate]:,.0f} steps/s"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[scalars]}"),
            console=Console(),
        )
        self._task = self._bar.add_task("training", total=last, completed=first, rate=0.0, scalars="")
        self._last = last
        self._shown = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def stepped(self, step: int, rate: float, scalars: Mapping[str, float]) -> None:
        """Move the bar if it was last drawn long enough ago, and at the last step."""
        now = time.monotonic()
        if now - self._shown >= BAR_INTERVAL or step == self._last:
            self._shown = now
            self._bar.update(self._task, completed=step, rate=rate, scalars=scalars_text(scalars))


def scalars_text(scalars: Mapping[str, float]) -> str:
    """Scalars by name, four digits each."""
    return "  ".join(f"{name} {value:.4g}" for name, value in scalars.items())
