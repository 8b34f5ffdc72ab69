"""``pushforward reproduce``: published tables beside our own numbers, run now.

The exit status says whether the command ran, not whether the numbers are good: a check that is not met is a finding,
which the table states, and not an error of the command.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from explorer.command_line.failure import Failure
from models.registry import listing
from models.reproduction import PROTOCOLS, Protocol, Row
from models.reproduction._campaign import campaign

WORKERS: Final = 2
"""Trials that run at once, where there are as many cores."""

LINE_SHARE: Final = 0.05
"""Of the work, between two lines of progress where there is no terminal."""

WORDS: Final = {True: "met", False: "NOT MET", None: "–"}


def reproduce(arguments: Namespace) -> int:
    """Run the protocols that are named, or all of them, and print their rows."""
    protocols = chosen(arguments.names)
    if arguments.list:
        known = [describe(protocol) for protocol in protocols]
        print(json.dumps({"protocols": known}) if arguments.stream else json.dumps(known, ensure_ascii=False, indent=2))
        return 0
    if arguments.stream:
        return _stream(protocols, arguments.seeds)
    with _bar() as report:
        rows = list(campaign(protocols, arguments.seeds, workers(), report))
    plain = [row.plain() for row in rows]
    print(json.dumps(plain, ensure_ascii=False, indent=2) if arguments.json else table(rows))
    return 0


def chosen(names: Sequence[str]) -> list[Protocol]:
    """The protocols of these names, all if there are none.

    Raises:
        Failure: there is no such protocol; the text lists them.
    """
    known = PROTOCOLS.keys()
    for name in names:
        if name not in known:
            raise Failure(f"{name!r} is not a published protocol; {listing(name, known)}")
    return [PROTOCOLS[name]() for name in dict.fromkeys(names or known)]


def workers() -> int:
    """How many trials may run at once on this machine."""
    return max(1, min(WORKERS, os.cpu_count() or 1))


def describe(protocol: Protocol) -> dict[str, Any]:
    """A protocol as plain data."""
    return {
        "key": protocol.key,
        "title": protocol.title,
        "summary": protocol.summary(),
        "source": protocol.source,
        "scaled": protocol.scaled,
        "seconds": protocol.seconds,
        "check": protocol.check,
        "seeded": protocol.seeded,
    }


def _stream(protocols: Sequence[Protocol], seeds: Sequence[int]) -> int:
    """One JSON object a line, as it comes: ``{"share": x}`` or ``{"row": {…}}``. The window reads this."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # workers are put away on the way out

    def say(**what: Any) -> None:
        print(json.dumps(what), flush=True)

    for row in campaign(protocols, seeds, workers(), lambda share: say(share=round(share, 4))):
        say(row=row.plain())
    return 0


@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """Progress on standard error: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    columns = TextColumn("reproducing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("reproducing", total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _lines() -> Callable[[float], None]:
    said = 0.0

    def report(share: float) -> None:
        nonlocal said
        if share >= said + LINE_SHARE:
            said = share
            print(f"reproducing: {share:.0%}", file=sys.stderr, flush=True)

    return report


def table(rows: Sequence[Row]) -> str:
    """Rows as text: a table for each protocol, and below it what its rows have to say."""
    return "\n\n".join("\n".join(_page(name, list(own))) for name, own in groupby(rows, lambda row: row.name))


def _page(name: str, rows: Sequence[Row]) -> Iterator[str]:
    protocol = PROTOCOLS[name]
    yield f"{protocol.title} ({protocol.source})"
    if protocol.scaled:
        yield f"Scaled down: {protocol.scaled}"
    case, quantity = (
        max(len(text) for text in texts) for texts in zip(*((r.case, r.quantity) for r in rows), strict=True)
    )
    yield (f"{'case':<{case}}  {'quantity':<{quantity}}{'ours':>20}{'published':>12}{'oracle':>12}{'floor':>12}  check")
    for row in rows:
        beside = "".join(f"{number(value):>12}" for value in (row.published, row.oracle, row.floor))
        yield f"{row.case:<{case}}  {row.quantity:<{quantity}}{with_spread(row):>20}{beside}  {WORDS[row.met]}"
    yield from (f"  {row.case}, {row.quantity}: {row.note}" for row in rows if row.note)


def with_spread(row: Row) -> str:
    """Our number, and ± its spread where it has one."""
    return number(row.ours) if row.spread is None else f"{number(row.ours)} ± {number(row.spread)}"


def number(value: float | None) -> str:
    """Four digits, or a dash."""
    return "–" if value is None else f"{value:.4g}"
