"""Training one step at a time: no thread, no loop, no screen."""

from __future__ import annotations

import math
import time
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor

from models.architectures._network import Network
from models.cost import check_memory
from models.experiment import Experiment, needs_restart
from models.registry import RecipeError
from models.training.setting import Streams, set_up

Turn = Literal["both", "critic", "generator"]

LARGEST_WEIGHT: Final = 1e4
"""No weight of a net that learns comes near this; one that passes it has been thrown there by its learning rate.

Where a model has its first place from data in units of their own, it is this many times the largest first weight.
"""

LOOKED_AT: Final = 16
"""Samples that a model must be able to draw for its weights to be kept."""

INSPECTED_EVERY: Final = 16
"""Steps between two looks at the weights: a look costs as much as an optimiser's step."""


class Diverged(ArithmeticError):
    """A scalar of training is no longer a finite number, or the weights have grown beyond all bounds.

    Attributes:
        step: how many steps had been completed.
        name: of the scalar.
        value: what it was.
        advice: what to try, one sentence.
    """

    def __init__(self, step: int, name: str, value: float, remedy: str) -> None:
        """Say what became of which scalar in the step after so many, and what to try, as a noun phrase."""
        super().__init__(f"{name.replace('_', ' ')} became {value:g} at step {step + 1}")
        self.step = step
        self.name = name
        self.value = value
        self.advice = f"Try {remedy}, or go back to an earlier step."


class Player:
    """One network with its optimiser's memory."""

    def __init__(self, network: Network, experiment: Experiment) -> None:
        self.network = network
        self.memory = experiment.optimizer.start(network.theta)
        self.bound = LARGEST_WEIGHT * max(1.0, self.largest)

    @property
    def largest(self) -> float:
        """The largest of the weights, by its size."""
        return float(self.network.theta.abs().amax())

    def move(self, experiment: Experiment, lr: float) -> None:
        """Take one step of the optimiser along the network's gradient."""
        experiment.optimizer.step(self.network.theta, self.network.gradient, self.memory, lr)


class Trainer:
    """A run in progress: weights, optimisers' memories, averaged weights and streams of chance."""

    def __init__(self, experiment: Experiment) -> None:
        """Set up step 0 of a recipe: everything follows from its seed.

        Raises:
            RecipeError: the recipe's device is not there, or it takes more memory than there is.
        """
        check_device(experiment.device)
        check_memory(experiment)
        self.experiment = experiment
        self.step = 0
        self.seconds = 0.0
        self._streams = Streams.from_seed(experiment.seed)
        self.game, self._batches = set_up(experiment, self._streams)
        # Only here: whoever looks on is handed the weights, and a first place by k-means takes a while.
        self.game.model.start(self._batches.first(), self._streams.weights)
        self._generator = Player(self.game.model.network, experiment)
        self._critic = Player(self.game.critic, experiment) if self.game.critic else None
        self.average = self.game.model.network.values.clone()
        self._scalars: dict[str, float] = {}
        self._is_planar = self.game.is_planar

    def take_step(self, turn: Turn = "both") -> dict[str, float]:
        """Take one step, or let only one of the players move.

        Returns:
            The scalars of the step by name. A player that did not move keeps its scalars of the last step.

        Raises:
            Diverged: a scalar is NaN or infinite; the weights are no longer to be trusted.
        """
        started = time.perf_counter()
        progress = self.game.progress = min(1.0, self.step / self.experiment.steps)
        factor = self.experiment.optimizer.factor(progress)
        if self._critic and turn == "both" and self.experiment.objective.simultaneous:
            self._move_at_once(self._critic, factor)
        else:
            self._move_in_turn(factor, turn)
        if self._is_planar:  # pictures come too seldom to draw the path that the game takes
            self._scalars |= self.game.place()
        self._check()
        self.step += 1
        self.seconds += time.perf_counter() - started
        return dict(self._scalars)

    def adopt(self, experiment: Experiment) -> None:
        """Go on under a recipe that differs in live options only.

        Raises:
            RecipeError: an option differs that needs a new run.
        """
        changed = needs_restart(self.experiment, experiment)
        if changed:
            raise RecipeError(changed[0], "cannot change during a run; start a new one")
        self.experiment = experiment
        self._batches.experiment = experiment
        self.game.divergence = experiment.divergence
        self.game.model.adopt(experiment.family)
        self._scalars.clear()  # another divergence has other scalars

    def inspect(self) -> None:
        """Make sure that the present state is one to come back to: a step looks at the weights only now and then.

        Raises:
            Diverged: a weight or a sample is no finite number, or a weight has grown beyond all bounds.
        """
        last = max(0, self.step - 1)  # the step that brought this about was not completed well
        self._inspect(last)
        if not all(bool(part.isfinite().all()) for part in self._parts()):
            raise self._diverged(last, "weights", math.nan)
        if not self.game.model.probe(LOOKED_AT, torch.Generator().manual_seed(0)).isfinite().all():
            raise self._diverged(last, "samples", math.nan)  # finite weights, such as log σ = 100, can be of no use

    def rehearse(self) -> float:
        """Seconds that a step takes, found by taking two of which nothing stays; NaN if they diverge."""
        state = self.state()
        try:
            self.take_step()  # the first one sets up what later ones find
            started = time.perf_counter()
            self.take_step()
            return time.perf_counter() - started
        except Diverged:
            return math.nan
        finally:
            self.restore(state)

    def values(self) -> Tensor:
        """All weights as one vector, float32, on the CPU: the model's, the critic's, the averaged model's."""
        return torch.cat(self._parts()).cpu()

    def state(self) -> dict[str, Any]:
        """All that a run needs to continue bit for bit: counters, and arrays that it owns.

        Keys: ``step``, ``seconds``, and ``arrays`` from name to array.
        """
        own = {name: np.array(tensor.detach().cpu().numpy()) for name, tensor in self._memories().items()}
        arrays = {"values": self.values().detach().numpy(), **own}  # the values are joined anew, and may be large
        return {"step": self.step, "seconds": self.seconds, "arrays": arrays}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a state of the same recipe.

        Raises:
            RecipeError: the state's arrays are not of this recipe's shapes.
        """
        arrays, memories = state["arrays"], self._memories()
        shapes = {"values": (sum(len(part) for part in self._parts()),)}
        shapes |= {name: tuple(tensor.shape) for name, tensor in memories.items()}
        for name, shape in shapes.items():
            if name not in arrays or arrays[name].shape != shape:
                raise RecipeError("", f"the saved state does not fit the recipe: {name} is missing or of another shape")
        self._load_values(_tensor(arrays["values"]))
        for name, tensor in memories.items():
            tensor.copy_(_tensor(arrays[name]))
        for name, stream in self._streams.items().items():
            stream.set_state(memories[f"stream.{name}"])
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self._scalars.clear()

    @property
    def remark(self) -> str:
        """What a person must be told of the data that were read so far, one sentence; empty if nothing."""
        return self.experiment.data.remark

    @property
    def parameters(self) -> int:
        """How many weights the model has."""
        return self._generator.network.parameters

    @property
    def critic_parameters(self) -> int:
        """How many weights the critic has; 0 without one."""
        return self._critic.network.parameters if self._critic else 0

    def _players(self) -> dict[str, Player]:
        players = {"generator": self._generator}
        return players | ({"critic": self._critic} if self._critic else {})

    def _parts(self) -> list[Tensor]:
        return [*(player.network.values for player in self._players().values()), self.average]

    def _memories(self) -> dict[str, Tensor]:
        """What the optimisers remember, and where the streams of chance stand (copies of that)."""
        players = self._players().items()
        vectors = {f"{name}.{key}": vector for name, player in players for key, vector in player.memory.items()}
        return vectors | {f"stream.{name}": stream.get_state() for name, stream in self._streams.items().items()}

    def _move_in_turn(self, factor: float, turn: Turn) -> None:
        objective = self.experiment.objective
        if self._critic and turn != "generator":
            for _ in range(objective.critic_turns):
                self._scalars |= objective.critic_turn(self.game)
                self._move_critic(self._critic, factor)
        if turn != "critic":
            self._scalars |= objective.generator_turn(self.game)
            self._move_generator(factor)

    def _move_at_once(self, critic: Player, factor: float) -> None:
        """Each player's gradient is found where the other stood before the step."""
        objective = self.experiment.objective
        self._scalars |= objective.critic_turn(self.game) | objective.generator_turn(self.game)
        self._move_critic(critic, factor)
        self._move_generator(factor)

    def _move_critic(self, critic: Player, factor: float) -> None:
        critic.move(self.experiment, factor * self.experiment.objective.critic_rate)
        self.experiment.objective.constrain(self.game)

    def _move_generator(self, factor: float) -> None:
        if "optimizer" in self.experiment.objective.idle:  # the turn has moved the weights
            self.average.copy_(self._generator.network.values)
            return
        self._generator.move(self.experiment, factor * self.experiment.optimizer.lr)
        self._generator.network.blend_into(self.average, 1 - self._decay())

    def _decay(self) -> float:
        """The average's decay, held low at first: else it would be made of the untrained weights for long.

        min(β, (1 + t)/(10 + t)), as averages are commonly warmed up; 0 without averaging.
        """
        return min(self.experiment.optimizer.ema, (1 + self.step) / (10 + self.step))

    def _check(self) -> None:
        for name, value in self._scalars.items():
            if not math.isfinite(value):
                raise self._diverged(self.step, name, value)
        if self.step % INSPECTED_EVERY == 0:
            self._inspect(self.step)

    def _inspect(self, step: int) -> None:
        for player in self._players().values():
            largest = player.largest
            if not largest <= player.bound:
                raise self._diverged(step, "largest_weight", largest)

    def _diverged(self, step: int, name: str, value: float) -> Diverged:
        return Diverged(step, name, value, self.experiment.objective.remedy)

    def _load_values(self, values: Tensor) -> None:
        parts = self._parts()
        for part, source in zip(parts, values.split([len(part) for part in parts]), strict=True):
            part.copy_(source)


def _tensor(array: Any) -> Tensor:
    """An array as a tensor to read from, copied only where torch would warn that it must not be written to."""
    return torch.from_numpy(np.require(array, requirements="W"))


def check_device(device: str) -> None:
    """Refuse a device that this machine does not have.

    Raises:
        RecipeError: naming what it has.
    """
    if device not in devices():
        raise RecipeError("device", f"{device!r} is not on this machine; it has {', '.join(devices())}")


def devices() -> tuple[str, ...]:
    """The devices that networks can train on here, the CPU first."""
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *cuda, *mps)
