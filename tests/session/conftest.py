"""Fakes: a workshop whose trainers and witnesses need no torch, a clock moved by hand, loops joined in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from explorer.session.channel import memory_channels
from explorer.session.observer_loop import ObserverLoop
from explorer.session.trainer_loop import TrainerLoop

DEFAULTS = {"steps": 100, "seed": 0, "lr": 0.1, "data": {"key": "ring"}}


class RecipeProblem(ValueError):
    def __init__(self, path: str, problem: str) -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem


class Broken(ArithmeticError):
    advice = "Try a smaller learning rate."


class Experiment(SimpleNamespace):
    def __init__(self, recipe):
        super().__init__(**{**DEFAULTS, **recipe})

    def to_dict(self):
        return {name: getattr(self, name) for name in DEFAULTS}


class Vector:
    """As much of a tensor as a loop touches."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.array


class Trainer:
    """Each step adds 1 to every weight; it fails at the steps that the recipe's seed says."""

    remark = ""

    def __init__(self, experiment, accidents):
        self.experiment = experiment
        self.accidents = accidents
        self.step = 0
        self.seconds = 0.0
        self.turns: list[str] = []
        self.array = np.zeros(7, np.float32)
        self.after_step = lambda: None

    def take_step(self, turn="both"):
        self.turns.append(turn)
        self.array += 1
        accident = self.accidents.get(self.step + 1)
        if accident is not None:
            self.array[:] = np.nan
            if accident is not np.nan:
                raise accident
        self.step += 1
        self.seconds += 0.001
        self.after_step()
        return {"loss": 1.0 / self.step, "critic": float(self.step)}

    def adopt(self, experiment):
        if experiment.seed != self.experiment.seed:
            raise RecipeProblem("seed", "cannot change during a run")
        self.experiment = experiment

    def state(self):
        return {"step": self.step, "seconds": self.seconds, "arrays": {"values": self.array.copy()}}

    def restore(self, state):
        if len(state["arrays"]["values"]) != len(self.array):
            raise RecipeProblem("", "the saved state does not fit the recipe")
        self.step, self.seconds = state["step"], state["seconds"]
        self.array[:] = state["arrays"]["values"]

    def inspect(self):
        if not np.isfinite(self.array).all():
            raise Broken("a weight is no longer finite")

    def values(self):
        return Vector(self.array)

    parameters = 7

    def rehearse(self):
        return 0.25


class Witness:
    def __init__(self, work):
        self.work = work
        self.weights = None
        self.average = False
        self.floored: list[str] = []
        self.finding = None
        self.unfinished = 0

    @property
    def sample_size(self):
        return getattr(getattr(self, "adopted", None), "points", 0)

    def adopt(self, experiment):
        self.adopted = experiment

    def load(self, values, *, average=False):
        self.weights, self.average = values.copy(), average

    def scene(self):
        empty = np.empty(0, np.float32)
        return {
            "title": "Fake", "dimension": 2, "latent_dimension": 2, "bounds": (-1.0, -1.0, 1.0, 1.0),
            "latent_extent": 3.0, "image_shape": None, "image_range": (-1.0, 1.0), "real": np.zeros((3, 2)),
            "density": empty, "exact": False, "mode_means": empty, "mode_radii": empty, "mode_weights": empty,
            "mode_names": (), "parameters": 3, "critic_parameters": 1, "offers": self.offers(),
        }  # fmt: skip

    def offers(self):
        return frozenset({"arrows"} if getattr(getattr(self, "adopted", None), "pulls", False) else ())

    def observe(self, keys):
        self.work()
        self.unfinished -= 1
        if "broken" in keys:
            raise RuntimeError("no such picture")
        return {key: {"x": self.weights} for key in keys if key != "absent"}, {
            key: "There is none." for key in keys if key == "absent"
        }

    @property
    def unsettled(self):
        return self.unfinished > 0

    gathers = False

    def prepare(self, seconds):
        return True

    def gather(self):
        return True

    def truth(self):
        return {"bound": 0.25}

    def unknown(self):
        return "No truth is known here."

    def diagnose(self, step):
        if self.finding is not None:
            self.work()
        return self.finding

    def measure(self):
        self.work()
        return {"energy": float(self.weights[0]), "sliced": 2.0}

    def floors(self, keys=None):
        self.floored += keys
        return dict.fromkeys(keys, (1.0, 0.5, 1.5)), dict.fromkeys(keys, "Title"), dict.fromkeys(keys, "")

    def answer(self, question, arrays):
        return {"x": arrays["z"] + self.weights[0]}


@dataclass
class Workshop:
    accidents: dict[int, Any] = field(default_factory=dict)
    trainers: list[Trainer] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    saved: list[Path] = field(default_factory=list)
    work: Callable[[], None] = lambda: None

    def catalogue(self):
        return {"data": [], "presets": []}

    def experiment(self, recipe):
        if "typo" in recipe:
            raise RecipeProblem("typo", "there is no such field")
        return Experiment(recipe)

    def label(self, experiment):
        return "A fake"

    def trainer(self, experiment):
        if experiment.data["key"] == "huge":
            raise MemoryError("too large")
        self.trainers.append(Trainer(experiment, self.accidents))
        return self.trainers[-1]

    def cost(self, trainer):
        return {"parameters": 7.0, "multiply_adds": 21.0}

    def witness(self, experiment):
        self.witnesses.append(Witness(self.work))
        return self.witnesses[-1]

    def save(self, trainer, folder):
        if folder.name == "readonly":
            raise PermissionError(13, "Permission denied", str(folder))
        self.saved.append(folder)

    def load(self, folder):
        trainer = Trainer(Experiment({}), {})
        for _ in range(5):
            trainer.take_step()
        return trainer.experiment, trainer.state()


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Used:
    """Processor time: each use of a witness takes ``cost``."""

    def __init__(self):
        self.cost = 0.0
        self.total = 0.0

    def work(self):
        self.total += self.cost

    def __call__(self):
        return self.total


class Stage:
    """A loop, the other end of its channel, its clock, and all that it has said."""

    def __init__(self, loop_of):
        self.clock = Clock()
        self.workshop = Workshop()
        self.channel, theirs = memory_channels()
        self.said: list[Any] = []
        self.loop = loop_of(theirs, self.workshop, self.clock)

    def send(self, *commands):
        for command in commands:
            self.channel.send(command)

    def tick(self, *commands, budget=0.0) -> float:
        self.send(*commands)
        delay = self.loop.tick(budget)
        self.said += self.channel.receive()
        return delay

    def of(self, kind):
        return [message for message in self.said if isinstance(message, kind)]

    @property
    def trainer(self) -> Trainer:
        return self.workshop.trainers[-1]

    @property
    def witness(self) -> Witness:
        return self.workshop.witnesses[-1]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def training(tmp_path) -> Stage:
    """A trainer's loop."""
    return Stage(lambda channel, workshop, clock: TrainerLoop(channel, tmp_path, workshop, clock=clock))


@pytest.fixture
def observing() -> Stage:
    """An observer's loop, whose work costs what ``cost`` is set to."""
    used = Used()
    stage = Stage(lambda channel, workshop, clock: ObserverLoop(channel, workshop, clock=clock, cost=used))
    stage.used, stage.workshop.work = used, used.work
    return stage
