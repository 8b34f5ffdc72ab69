"""A run that is thrown off by its learning rate, put right, and trained on: the real trainer in its loop."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.channel import memory_channels
from explorer.session.commands import Change, Play, Start
from explorer.session.messages import Failed, Kept, Refused
from explorer.session.trainer_loop import TrainerLoop
from models.experiment import Experiment
from models.training.trainer import LARGEST_WEIGHT

SMALL = ["architecture.width=16", "objective.critic.width=16", "batch_size=32"]
BEFORE, AFTER = 50, 500


class Slow:
    """A trainer's loop whose clock moves by so many seconds a step: an exploded state may well come to be kept."""

    def __init__(self, folder, seconds):
        self.now, self.seconds, self.said = 0.0, seconds, []
        self.channel, theirs = memory_channels()
        self.loop = TrainerLoop(theirs, folder, clock=lambda: self.now)

    def tick(self, *commands):
        for command in commands:
            self.channel.send(command)
        self.now += self.seconds
        self.loop.tick(self.seconds)
        self.said += self.channel.receive()

    def until(self, arrived):
        for _ in range(2 * AFTER):
            if arrived():
                return
            self.tick()
        raise AssertionError("nothing comes of it")


@pytest.mark.parametrize("seconds", [0.001, 0.2])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_a_run_thrown_off_by_its_rate_is_good_again_where_it_went_back_to(tmp_path, optimizer, seconds):
    slow = Slow(tmp_path, seconds)
    rates = [f"optimizer.key={optimizer}", "optimizer.ema=0.99", "optimizer.lr=1e-3"]
    good = Experiment.from_dict({}).with_settings([*SMALL, *rates])
    slow.tick(Start(1, good.to_dict()))
    trainer = slow.loop._run.trainer
    take_step = trainer.take_step

    def step_slowly(*turn):
        slow.now += seconds
        return take_step(*turn)

    trainer.take_step = step_slowly
    slow.tick(Play(1, until=BEFORE))
    slow.until(lambda: trainer.step == BEFORE)
    slow.tick(Change(1, good.with_settings(["optimizer.lr=1e6"]).to_dict()), Play(1))
    slow.until(lambda: any(isinstance(message, Failed) for message in slow.said))
    assert all(
        np.abs(kept.state["arrays"]["values"]).max() < LARGEST_WEIGHT for kept in slow.said if type(kept) is Kept
    )
    assert trainer.step <= BEFORE
    heard = len(slow.said)
    slow.tick(Change(1, good.to_dict()), Play(1, until=BEFORE + AFTER))
    slow.until(lambda: trainer.step == BEFORE + AFTER)
    assert not any(isinstance(message, Failed) for message in slow.said[heard:])


def test_a_state_with_weights_that_are_no_numbers_is_refused_once_and_the_present_run_goes_on(tmp_path):
    slow = Slow(tmp_path, 0.2)
    recipe = Experiment.from_dict({}).with_settings(SMALL).to_dict()
    slow.tick(Start(1, recipe))
    state = next(message for message in slow.said if type(message) is Kept).state
    arrays = {**state["arrays"], "values": np.full_like(state["arrays"]["values"], np.nan)}
    slow.tick(Start(2, recipe, {**state, "arrays": arrays}))
    for _ in range(5):
        slow.tick()
    (refused,) = [message for message in slow.said if isinstance(message, Refused)]
    assert "nan" in refused.problem
    assert not any(isinstance(message, Failed) for message in slow.said)
    slow.tick(Play(1, until=3))
    slow.until(lambda: slow.loop._run.trainer.step == 3)
