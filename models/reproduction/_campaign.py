"""Protocols at work: their trials side by side in processes, their rows in the order of the table."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, Final

import torch

from models.reproduction._base import Protocol, Row, Trial

POLL_S: Final = 0.2
"""Seconds between two looks at the workers."""

Report = Callable[[float], object]
"""Told the share of all work that is done, 0 … 1; what it raises ends the work."""


@dataclass(frozen=True)
class Job:
    """One trial to make."""

    number: int
    protocol: Protocol
    case: str
    seed: int


def campaign(protocols: Sequence[Protocol], seeds: Sequence[int], workers: int, report: Report) -> Iterator[Row]:
    """All rows, each as soon as it and those before it are known.

    Trials are apart from one another and use one thread each, so the rows do not depend on the number of workers.

    Args:
        protocols: in the order of the table.
        seeds: of the trials.
        workers: how many trials run at once; with 1 all run in this process.
        report: told of progress, in this thread.
    """
    pairs = [(protocol, case, seed) for protocol in protocols for case, seed in protocol.jobs(seeds)]
    jobs = [Job(number, *pair) for number, pair in enumerate(pairs)]
    weights = _weights(jobs)
    made = (
        _in_processes(jobs, weights, min(workers, len(jobs)), report) if workers > 1 else _here(jobs, weights, report)
    )
    for protocol in protocols:
        yield from _rows(protocol, [job for job in jobs if job.protocol is protocol], made)


def _rows(protocol: Protocol, jobs: Sequence[Job], made: Iterator[Trial]) -> Iterator[Row]:
    found: dict[str, dict[int, Trial]] = {}
    for case in protocol.cases():
        own = [job.seed for job in jobs if job.case == case]
        found[case] = {seed: next(made) for seed in own}
        yield from protocol.judge(case, found[case])
    yield from protocol.close(found)


def _weights(jobs: Sequence[Job]) -> list[float]:
    """The share of the whole work that each job is, as far as protocols say."""
    cost = [job.protocol.seconds / len(job.protocol.cases()) for job in jobs]
    return [part / sum(cost) for part in cost]


def _here(jobs: Sequence[Job], weights: Sequence[float], report: Report) -> Iterator[Trial]:
    calm()
    before = 0.0
    for job, weight in zip(jobs, weights, strict=True):
        start = before
        trial = job.protocol.attempt(job.case, job.seed, lambda share, s=start, w=weight: report(s + w * share))
        before += weight
        report(min(before, 1.0))
        yield trial


def _in_processes(jobs: Sequence[Job], weights: Sequence[float], workers: int, report: Report) -> Iterator[Trial]:
    context = multiprocessing.get_context("spawn")
    shares, stop = context.Array("d", len(jobs)), context.Event()
    pool = ProcessPoolExecutor(workers, context, _begin, (shares, stop))
    try:
        trials = [pool.submit(_attempt, job) for job in jobs]
        for trial in trials:
            _await(trial, lambda: report(sum(w * s for w, s in zip(weights, shares[:], strict=True))))
            yield trial.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _await(trial: Future[Trial], report: Callable[[], object]) -> None:
    while not wait([trial], POLL_S).done:
        report()
    report()


_shared: dict[str, Any] = {}
"""In a worker: the shares of the jobs and the wish to stop."""


class _Stopped(Exception):
    """The work is no longer wanted."""


def _begin(shares: Any, stop: Any) -> None:
    calm()
    _shared.update(shares=shares, stop=stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would otherwise wait for it for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _attempt(job: Job) -> Trial:
    def progress(share: float) -> None:
        _shared["shares"][job.number] = share
        if _shared["stop"].is_set():
            raise _Stopped

    trial = job.protocol.attempt(job.case, job.seed, progress)
    _shared["shares"][job.number] = 1.0
    return trial


def calm() -> None:
    """One core, and no time lost on denormal numbers: the same wherever a trial runs."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
