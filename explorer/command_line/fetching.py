"""``pushforward fetch``: published data sets, fetched once into the user's cache directory."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from contextlib import AbstractContextManager
from typing import Final, Self

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from explorer.command_line.failure import Failure
from models.data import DATA
from models.data._fetch import NotFetched, megabytes
from models.data._named_images import NamedImages, fetch_images
from models.registry import listing

PARTS: Final = 100
"""Reports of progress that a program which reads them is sent at most."""


def fetch(arguments: Namespace) -> int:
    """Fetch a data set and say where it is.

    Raises:
        Failure: there is no such data set, or it did not come.
    """
    data = _published(arguments.name)
    tell = Stream() if arguments.stream else Bar(data.title) if sys.stdout.isatty() else Silence()
    try:
        with tell:
            folder = fetch_images(data, tell, arguments.source or "")
    except NotFetched as failure:
        raise Failure(f"{data.title}: {failure}") from None
    if not arguments.stream:
        print(f"{data.title}: {megabytes(data.origin.bytes)} in {folder}")
    return 0


def _published(name: str) -> type[NamedImages]:
    found = {member.key: member for member in DATA if issubclass(member, NamedImages)}
    if name not in found:
        raise Failure(f"{name!r} is not a data set that can be fetched; {listing(name, found)}")
    return found[name]


class Silence(AbstractContextManager["Silence"]):
    """For logs and pipes: nothing is said until it is done."""

    def __call__(self, came: int, of: int) -> None:
        """Bytes that have come, and of how many."""

    def __exit__(self, *exception: object) -> None:
        """Nothing to put away."""


class Stream(Silence):
    """A line of JSON for each part of a hundred, for programs."""

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, came: int, of: int) -> None:
        """Say it if it is another part."""
        part = PARTS * came // of
        if part != self._shown:
            self._shown = part
            print(json.dumps({"bytes": came, "of": of}), flush=True)


class Bar(Silence):
    """A bar on a terminal."""

    def __init__(self, title: str) -> None:
        self._bar = Progress(TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._task = self._bar.add_task(title)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __call__(self, came: int, of: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=came, total=of)

    def __exit__(self, *exception: object) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()
