"""The weight of the guidance, moved while a run stands or goes on: no new run, and everything seen follows it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.channel import memory_channels
from explorer.session.commands import Change, Observe, Play, Start, Taken, Watch
from explorer.session.control import Control
from explorer.session.history import History
from explorer.session.messages import Changed, Diagnosed, Measured, Progress, Refused, Started
from explorer.session.observer_loop import ObserverLoop
from explorer.session.snapshot import Scene, Snapshot
from explorer.session.trainer_loop import TrainerLoop
from models.experiment import Experiment

STEPS = 120
SEEN = frozenset({"samples", "modes", "guidance"})


class Session:
    """The real trainer's and the real observer's loop, side by side in this thread."""

    def __init__(self, folder):
        self.clock = 0.0
        self.trainer, theirs = memory_channels()
        self.training = TrainerLoop(theirs, folder, clock=lambda: self.clock)
        self.observer, theirs = memory_channels()
        self.observing = ObserverLoop(theirs, clock=lambda: self.clock, cost=lambda: 0.0)
        self.said = []

    def go_on(self, ticks=7, seconds=0.6):
        for _ in range(ticks):
            self.clock += seconds
            for loop, channel in ((self.training, self.trainer), (self.observing, self.observer)):
                loop.tick(0.05)
                fresh = list(channel.receive())
                self.said += fresh
                if any(isinstance(message, Snapshot) for message in fresh):
                    self.observer.send(Taken())

    def train(self, recipe):
        self.trainer.send(Start(1, recipe))
        self.go_on(1)
        (begun,) = self.of(Started)
        self.observer.send(Observe(1, begun.recipe, begun.weights))
        self.observer.send(Watch(SEEN, average=True))
        self.trainer.send(Play(1))
        while not any(report.step >= STEPS for report in self.of(Progress)):
            self.go_on(1)
        return begun.recipe

    def change(self, recipe):
        self.said.clear()
        self.trainer.send(Change(1, recipe))
        self.observer.send(Change(1, recipe))
        self.go_on()

    def of(self, kind):
        return [message for message in self.said if isinstance(message, kind)]

    def close(self):
        self.observing.close()
        self.training.close()


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path)
    yield made
    made.close()


def recipe_of(guidance, steps=STEPS):
    family = {"key": "diffusion", "conditional": True, "guidance": guidance, "sampler": {"key": "euler", "steps": 8}}
    data = {"key": "ring", "radius": 5.0, "std": 0.6}
    net = {"key": "mlp", "width": 64, "depth": 2, "activation": "silu", "initialisation": "kaiming"}
    recipe = {"data": data, "family": family, "architecture": net, "steps": steps, "seed": 14}
    return Experiment.from_dict(recipe).to_dict()


def test_a_weight_moved_after_the_run_changes_pictures_measures_and_modes(session):
    recipe = session.train(recipe_of(0.0))
    session.go_on()
    before, measured, told = (session.of(kind)[-1] for kind in (Snapshot, Measured, Diagnosed))
    session.change({**recipe, "family": {**recipe["family"], "guidance": 2.0}})
    assert len(session.of(Changed)) == 1
    assert not session.of(Started)
    assert not session.of(Refused)
    assert not session.of(Scene)  # what the model offers is as it was
    after = session.of(Snapshot)[-1]
    assert (after.step, before.step) == (STEPS, STEPS)
    assert not np.allclose(after.pictures["samples"]["x"], before.pictures["samples"]["x"])
    assert np.array_equal(after.pictures["samples"]["label"], before.pictures["samples"]["label"])
    assert (float(before.pictures["guidance"]["now"]), float(after.pictures["guidance"]["now"])) == (0.0, 2.0)
    assert session.of(Measured)[-1].values["coverage"] < measured.values["coverage"] - 0.1
    found = session.of(Diagnosed)[-1]  # of what is seen now, at the same step
    assert found.step == STEPS
    assert found.quality.mean() != pytest.approx(told.quality.mean(), abs=0.01)


def test_a_weight_moved_back_gives_the_same_samples_again(session):
    recipe = session.train(recipe_of(1.0))
    session.go_on()
    before = session.of(Snapshot)[-1]
    for weight in (4.0, 1.0):
        session.change({**recipe, "family": {**recipe["family"], "guidance": weight}})
    assert np.array_equal(session.of(Snapshot)[-1].pictures["samples"]["x"], before.pictures["samples"]["x"])


def test_measures_see_all_classes_in_the_proportions_of_the_data(session):
    recipe = recipe_of(3.0)
    recipe["data"]["weights"] = [1, 1, 1, 1, 1, 1, 1, 5]
    session.train(recipe)
    session.go_on()
    shown = session.of(Snapshot)[-1].pictures
    shares = np.bincount(shown["samples"]["label"], minlength=8) / len(shown["samples"]["label"])
    assert shares[7] == pytest.approx(5 / 12, abs=0.03)
    assert shares[:7] == pytest.approx(np.full(7, 1 / 12), abs=0.02)
    assert shown["modes"]["target"] == pytest.approx([1 / 12] * 7 + [5 / 12])


def test_control_calls_the_change_live(session):
    control = Control(lambda command: None, History())
    from models.catalogue import catalogue

    control.catalogue = catalogue()
    control.run, control.recipe = 1, recipe_of(0.0)
    assert control.effect_of(recipe_of(2.5)) == "live"
    untold = {**control.recipe, "family": {**control.recipe["family"], "conditional": False}}
    assert control.effect_of(untold) == "restart"
