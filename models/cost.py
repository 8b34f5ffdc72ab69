"""What a recipe costs, known before anything of it is built: weights, work of a step, memory."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Final

import torch

from models.architectures._net import Net
from models.data._base import few_of
from models.data._picture import numbers
from models.experiment import Experiment
from models.registry import RecipeError

FLOAT: Final = 4
"""Bytes of a number."""

PASSES: Final = 3
"""A step works out each net forwards, and backwards to its weights and to its input.

Against a critic samples are made once more for each of its turns, forwards alone; and in the generator's turn half of
the critic's points pass through it again, forwards and back to the input: as much as one way of all of them.
"""

MODEL_COPIES: Final = 21
"""Of each weight: 5 train (weight, gradient, two moments, average), 2 are published (weight, average) and 2 read from
there; 4 to look on (weight and gradient, of the model and of its average); 4 in each of two copies of the last state
(weight, average, two moments): the trainer's, and the history's."""

CRITIC_COPIES: Final = 14
"""The same of the critic's, which has no average: 4, 1 and 1; 2; and 3 in each state."""

LAYER_COPIES: Final = 3
"""What a step keeps of hidden units: their values, their slopes, and one more in passing."""

LOOKED_AT: Final = 10_000
LOOK_COPIES: Final = 12
"""Samples that are looked at, fewer of large ones; and how many sets of so many there are: real and generated ones, and
what pictures, measures and diagnosis make of them."""

WIDE: Final = 8_192
"""Numbers that go in and come out from which on a net may be too large to be built for being counted."""

BASE: Final = 700 * 2**20
"""Bytes of the programs themselves: the window and two processes with torch."""


@dataclass(frozen=True)
class Cost:
    """What a recipe costs; 0 of what its family does not tell before it is built.

    Attributes:
        parameters: weights of the model's networks.
        critic_parameters: weights of the networks beside it.
        multiply_adds: multiplications by weights in one step.
        memory: bytes that all processes take together, about.
    """

    parameters: int
    critic_parameters: int
    multiply_adds: int
    memory: int

    def plain(self) -> dict[str, int]:
        """Name to number."""
        return asdict(self)


@dataclass(frozen=True)
class _Size:
    parameters: int
    multiply_adds: int


def cost_of(experiment: Experiment) -> Cost:
    """What a recipe costs, from the shapes of its networks alone: no weight is drawn, and no sample.

    Weights that belong to no architecture (a likelihood's σ, an encoder of captions, a learnt prior) are not counted.
    """
    rivals = set(experiment.objective.nets(experiment))
    sizes = {net: _size(net) for net in experiment.nets()}
    own = sum(size.parameters for net, size in sizes.items() if net not in rivals)
    theirs = sum(size.parameters for net, size in sizes.items() if net in rivals)
    turns = experiment.objective.critic_turns if rivals else 0
    work = sum(
        net.passes * size.multiply_adds * (PASSES * turns + 1 if net in rivals else PASSES + turns)
        for net, size in sizes.items()
    )
    return Cost(own, theirs, experiment.batch_size * work, _memory(experiment, own, theirs))


def cost_of_run(experiment: Experiment, parameters: int, critic_parameters: int) -> Cost:
    """The same once the networks are built and the numbers of all their weights are known."""
    memory = _memory(experiment, parameters, critic_parameters)
    return replace(cost_of(experiment), parameters=parameters, critic_parameters=critic_parameters, memory=memory)


def check_memory(experiment: Experiment) -> None:
    """Refuse a recipe that this machine cannot hold.

    Raises:
        RecipeError: naming what it takes and what there is.
    """
    there, cost = memory_of_machine(), cost_of(experiment)
    if there and cost.memory > there:
        weights = f"{cost.parameters + cost.critic_parameters:,} weights and batches of {experiment.batch_size}"
        problem = f"{weights} take about {gigabytes(cost.memory)} of memory, and this machine has {gigabytes(there)}"
        raise RecipeError("architecture", f"{problem}; choose a smaller network, smaller pictures or a smaller batch")


def memory_of_machine() -> int:
    """Bytes of memory of this machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def gigabytes(size: int) -> str:
    """A number of bytes in words."""
    return f"{size / 2**30:,.1f} GB"


def _memory(experiment: Experiment, parameters: int, critic_parameters: int) -> int:
    data = experiment.data
    weights = MODEL_COPIES * parameters + CRITIC_COPIES * critic_parameters
    units = sum(net.units for net in experiment.nets())
    layers = LAYER_COPIES * experiment.batch_size * (units + data.dimension)
    held = 0 if data.is_streamed else 2 * (data.size or 0) * data.dimension
    looked = LOOK_COPIES * few_of(data.dimension, LOOKED_AT) * data.dimension
    return BASE + FLOAT * (weights + layers + held + looked)


@lru_cache(maxsize=64)  # a run asks before it is built, and once more for what is told of it
def _size(net: Net) -> _Size:
    # Tensors on the meta device have a shape and no numbers: a net of a billion weights is built in no time. But the
    # first of them takes a second, in which torch imports what it needs for that.
    is_wide = net.width + numbers(net.outputs) > WIDE
    with torch.device("meta" if is_wide else "cpu"):
        network = net.build(torch.Generator(device="cpu"))
        return _Size(network.parameters, network.multiply_adds(net.width))
