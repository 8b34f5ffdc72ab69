"""The session: routing, restarts and the end, with loops in the thread; and once with two real processes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from explorer.session.client import DEATHS, Session
from explorer.session.commands import Ask, Change, Play, Start, Watch
from explorer.session.hosts import LoopHost, how_it_ended
from explorer.session.messages import (
    Answer,
    Changed,
    Died,
    Finished,
    Floors,
    Measured,
    Progress,
    Ready,
    Refused,
    Rows,
    Started,
)
from explorer.session.observer_loop import ObserverLoop
from explorer.session.snapshot import Scene, Snapshot
from explorer.session.trainer_loop import TrainerLoop

RING = {"data": {"key": "ring"}}


class Audience:
    """Takes from a session until it has seen what it waits for."""

    def __init__(self, session):
        self.session = session
        self.seen = []

    def take(self):
        snapshot, messages = self.session.take()
        self.seen += messages + ([snapshot] if snapshot is not None else [])

    def of(self, kind):
        return [message for message in self.seen if isinstance(message, kind)]

    def wait_for(self, condition, timeout=5.0):
        until = time.monotonic() + timeout
        pause = threading.Event()
        while not condition():
            assert time.monotonic() < until, f"seen only {[type(message).__name__ for message in self.seen][-40:]}"
            pause.wait(0.002)
            self.take()

    def wait_for_a(self, kind, n=1, timeout=5.0):
        self.wait_for(lambda: len(self.of(kind)) >= n, timeout)
        return self.of(kind)[-1]

    @property
    def steps(self):
        return np.concatenate([rows.steps for rows in self.of(Rows)]).tolist()


@pytest.fixture
def hosts(workshop, tmp_path):
    return {
        "trainer": LoopHost(lambda channel: TrainerLoop(channel, tmp_path, workshop)),
        "observer": LoopHost(lambda channel: ObserverLoop(channel, workshop)),
    }


@pytest.fixture
def audience(hosts):
    session = Session(hosts=hosts)
    session.start()
    yield Audience(session)
    session.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "TrainingThread"]


def test_a_run_is_trained_and_seen_from_start_to_finish(audience):
    audience.session.send(Watch(frozenset({"samples"})))
    audience.session.send(Start(1, RING))
    audience.session.send(Play(1))
    audience.wait_for_a(Finished)
    audience.wait_for(lambda: any(shown.step == 100 for shown in audience.of(Snapshot)))
    audience.wait_for(lambda: any(measured.step == 100 for measured in audience.of(Measured)))
    audience.wait_for_a(Floors)
    assert isinstance(audience.seen[0], Ready)
    assert audience.steps == list(range(1, 101))
    assert [scene.run for scene in audience.of(Scene)] == [1]
    assert audience.session.history.steps[0] == 0
    assert audience.session.history.steps[-1] == 100


def test_a_change_reaches_the_observer_too(audience, workshop):
    audience.session.send(Start(1, RING))
    audience.wait_for_a(Scene)
    audience.session.send(Change(1, {**RING, "lr": 0.5}))
    assert audience.wait_for_a(Changed).recipe["lr"] == 0.5
    audience.wait_for(lambda: getattr(workshop.witnesses[-1], "adopted", None) is not None)


def test_what_comes_late_from_an_older_run_is_dropped(audience):
    audience.session.send(Watch(frozenset({"samples"})))
    audience.session.send(Start(1, {**RING, "steps": 10_000_000}))
    audience.session.send(Play(1))
    audience.wait_for_a(Snapshot)
    audience.session.send(Start(2, RING))
    audience.wait_for(lambda: any(shown.run == 2 for shown in audience.of(Snapshot)))
    begun = next(i for i, message in enumerate(audience.seen) if isinstance(message, Started) and message.run == 2)
    assert all(getattr(message, "run", 2) == 2 for message in audience.seen[begun:])


def test_a_refused_run_leaves_the_old_one_and_its_history(audience):
    audience.session.send(Start(1, RING))
    audience.session.send(Play(1, until=5))
    audience.wait_for(lambda: audience.session.history.steps[-1:] == (5,))
    audience.session.send(Start(2, {"typo": 1}))
    audience.wait_for_a(Refused)
    assert audience.session.history.steps == (0, 5)


def test_a_branch_keeps_the_past_and_a_new_run_forgets_it(audience):
    history = audience.session.history
    audience.session.send(Start(1, RING))
    for until in (5, 9):
        audience.session.send(Play(1, until=until))
        audience.wait_for(lambda until=until: history.steps[-1:] == (until,))
    audience.session.send(Start(2, RING, history.at(5).state))
    audience.wait_for_a(Started, 2)
    assert history.steps == (0, 5)
    audience.session.send(Start(3, RING))
    audience.wait_for_a(Started, 3)
    audience.wait_for(lambda: history.steps == (0,))


def break_once(loop, error):
    """Let a loop's next tick end it."""

    def tick(*_):
        raise error

    loop.tick = tick


def test_a_trainer_that_dies_comes_back_where_it_was_and_plays_on(audience, hosts):
    audience.session.send(Start(1, {**RING, "steps": 10_000_000}))
    audience.session.send(Play(1))
    audience.wait_for_a(Progress)
    break_once(hosts["trainer"]._loop, RuntimeError("boom"))
    audience.session.send(Watch(frozenset()))
    died = audience.wait_for_a(Died)
    assert (died.who, died.problem) == ("trainer", "It stopped with RuntimeError: boom")
    again = audience.wait_for_a(Started, 2)
    assert again.run == 1
    audience.wait_for(lambda: audience.of(Progress)[-1].step > again.step)
    assert len(audience.of(Ready)) == 1


def test_an_observer_that_dies_is_told_again_what_to_watch(audience, hosts):
    audience.session.send(Watch(frozenset({"samples"})))
    audience.session.send(Start(1, RING))
    audience.wait_for_a(Snapshot)
    break_once(hosts["observer"]._loop, RuntimeError("boom"))
    audience.session.send(Ask(1, 1, "push", {"z": np.zeros((1, 2))}))
    assert audience.wait_for_a(Died).who == "observer"
    audience.wait_for_a(Snapshot, 2)
    audience.session.send(Ask(1, 2, "push", {"z": np.zeros((1, 2))}))
    assert audience.wait_for_a(Answer).number == 2


def test_a_loop_that_dies_again_and_again_is_left_until_a_new_run(workshop, tmp_path):
    broken = [True]

    def make(channel):
        if broken:
            raise RuntimeError("no torch here")
        return TrainerLoop(channel, tmp_path, workshop)

    session = Session(hosts={"trainer": LoopHost(make), "observer": LoopHost(lambda c: ObserverLoop(c, workshop))})
    session.start()
    audience = Audience(session)
    audience.wait_for_a(Died, DEATHS)
    assert "stays down" in audience.of(Died)[-1].problem
    broken.clear()
    session.send(Start(1, RING))
    audience.wait_for_a(Started)
    assert len(audience.of(Died)) == DEATHS
    session.close()


def test_closing_hands_over_the_last_rows_and_removes_the_folder(hosts):
    session = Session(hosts=hosts)
    session.start()
    audience = Audience(session)
    session.send(Start(1, {**RING, "steps": 10_000_000}))
    session.send(Play(1))
    audience.wait_for_a(Rows)
    session.close()
    audience.take()
    assert audience.steps == list(range(1, audience.steps[-1] + 1))
    assert not session._folder.exists()


def test_what_is_sent_after_the_end_is_dropped(hosts):
    session = Session(hosts=hosts)
    session.start()
    session.close()
    session.send(Watch(frozenset({"samples"})))
    session.send(Watch(frozenset()))
    snapshot, _ = session.take()
    assert snapshot is None


def test_a_session_that_was_never_started_can_be_closed(hosts):
    Session(hosts=hosts).close()


def test_an_end_in_plain_words():
    assert how_it_ended(3) == "It ended with exit status 3."
    if hasattr(signal, "SIGKILL"):
        assert "SIGKILL" in how_it_ended(-signal.SIGKILL)


def test_the_window_side_imports_neither_torch_nor_the_mathematics_nor_qt():
    code = (
        "import sys; import explorer.session.client, explorer.session.control; "
        "print([name for name in ('torch', 'models', 'PySide6', 'pydantic') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_two_real_processes(recwarn):
    session = Session()
    session.start()
    audience = Audience(session)
    catalogue = audience.wait_for_a(Ready, timeout=60).catalogue
    assert {"data", "divergences", "presets", "sections"} <= catalogue.keys()
    session.send(Watch(frozenset({"samples"})))
    session.send(Start(1, {"steps": 200, "optimizer": {"key": "adam", "lr": 1e-4}}))
    session.send(Play(1))
    audience.wait_for_a(Finished, timeout=60)
    assert audience.steps == list(range(1, 201))
    audience.wait_for(lambda: any(shown.step == 200 for shown in audience.of(Snapshot)), timeout=60)
    assert audience.of(Snapshot)[-1].pictures["samples"]["x"].shape == (10_000, 2)
    assert isinstance(next(m for m in audience.seen if isinstance(m, (Scene, Snapshot))), Scene)

    trainer = next(child for child in multiprocessing.active_children() if "trainer" in child.name)
    os.kill(trainer.pid, signal.SIGTERM)
    died = audience.wait_for_a(Died, timeout=60)
    assert (died.who, "SIGTERM" in died.problem) == ("trainer", os.name != "nt")
    again = audience.wait_for_a(Started, 2, timeout=60)
    assert (again.run, again.step) == (1, 200)
    session.send(Play(1, until=220))
    audience.wait_for(lambda: any(shown.step == 220 for shown in audience.of(Snapshot)), timeout=60)

    session.close()
    audience.take()
    assert audience.steps == list(range(1, 221))
    assert multiprocessing.active_children() == []
    assert not session._folder.exists()
    gc.collect()
    assert not recwarn.list
