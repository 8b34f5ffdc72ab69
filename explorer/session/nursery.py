"""Where processes are born: on Linux from a server that has imported torch once for all, elsewhere from nothing.

Importing torch takes more than a second of a core. The server does it while the window is still being built, and both
loops, and any that must be started again, are forked from it with everything in place. The server itself runs no
thread and never computes, so that forking it is safe; the window's process is never forked.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

ONE_THREAD: Final[dict[str, str]] = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""What a process must find in its environment before it imports numpy or torch."""

PRELOADED: Final = "explorer.session.preloaded"


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


def nursery() -> SpawnContext | ForkServerContext:
    """What makes the processes."""
    if sys.platform != "linux":  # elsewhere system libraries do not survive a fork
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context


def prepare() -> None:
    """Let the server begin to import torch; returns at once. Without it, the first process has to wait for that."""
    if sys.platform != "linux":
        return
    nursery()
    from multiprocessing import forkserver

    with one_thread_environment():
        forkserver.ensure_running()
