"""Where the trainer's and the observer's processes begin. Nothing happens on import."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol

from explorer.session.channel import Channel, PipeChannel, Postbox

NICENESS: Final = 5
"""Of the observer, once its first picture is made: until then everybody waits for it."""


class Loop(Protocol):
    """The trainer's or the observer's loop."""

    running: bool

    def tick(self) -> float:
        """Do what there is to do; seconds to sleep afterwards unless something arrives."""
        ...

    def close(self) -> None:
        """Clean up."""
        ...


def train(orders: Connection, reports: Connection, folder: str) -> None:
    """The trainer's process."""
    channel = _begin(orders, reports)
    from explorer.session.trainer_loop import TrainerLoop

    drive(TrainerLoop(channel, Path(folder)), channel)


def observe(orders: Connection, reports: Connection, folder: str) -> None:
    """The observer's process."""
    channel = _begin(orders, reports)
    from explorer.session.observer_loop import ObserverLoop

    drive(ObserverLoop(channel, at_work=make_way), channel)


def make_way() -> None:
    """Let the trainer and the window go first from now on."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


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
