"""Where the trainer's and the observer's processes begin. Imported by spawned processes: nothing happens on import."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol

from explorer.session.channel import Channel, PipeChannel, Postbox

ONE_THREAD: Final[dict[str, str]] = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""What a process must find in its environment before it imports numpy or torch."""

NICENESS: Final = 10


class Loop(Protocol):
    """The trainer's or the observer's loop."""

    running: bool

    def tick(self) -> float:
        """Do what there is to do; seconds to sleep afterwards unless something arrives."""
        ...

    def close(self) -> None:
        """Clean up."""
        ...


@contextmanager
def one_thread_environment() -> Iterator[None]:
    """Let the processes that are started in here inherit ``ONE_THREAD``, and put everything back."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def train(orders: Connection, reports: Connection, folder: str) -> None:
    """The trainer's process."""
    channel = _begin(orders, reports)
    from explorer.session.trainer_loop import TrainerLoop

    drive(TrainerLoop(channel, Path(folder)), channel)


def observe(orders: Connection, reports: Connection, folder: str) -> None:
    """The observer's process: it makes way for the trainer and the window."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    channel = _begin(orders, reports)
    from explorer.session.observer_loop import ObserverLoop

    drive(ObserverLoop(channel), channel)


def drive(loop: Loop, channel: Channel) -> None:
    """Run a loop until it is told to quit or nobody is there any more."""
    while loop.running and not channel.closed:
        delay = loop.tick()
        if delay > 0 and loop.running:
            channel.wait(None if delay == float("inf") else delay)
    loop.close()
    channel.close()


def _begin(orders: Connection, reports: Connection) -> Channel:
    # Ctrl+C goes to every process of a terminal: the window decides, and the end of its pipes ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Postbox(PipeChannel(orders, reports))
    calm_torch()
    return channel


def calm_torch() -> None:
    """Import torch for use in this thread: one core, and no time lost on denormal numbers."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # holds for this thread and those it starts
