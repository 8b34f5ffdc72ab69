"""From a recipe to the game that is played: networks with fresh weights, and draws from seeded streams of chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.data import Data
from models.experiment import Experiment
from models.families import Model
from models.latents import Latent
from models.objectives._base import Game

FIRST: Final = 2_048
"""Points from which a model may take its first place where batches are drawn afresh."""


@dataclass(eq=False)
class Streams:
    """Independent streams of random numbers, so that what one purpose draws never shifts another.

    Attributes:
        weights: the initial weights.
        sample: the finite training sample, if there is one.
        data: batches of data.
        latent: batches of noise.
        chance: whatever else a turn draws.
    """

    weights: torch.Generator
    sample: torch.Generator
    data: torch.Generator
    latent: torch.Generator
    chance: torch.Generator

    @classmethod
    def from_seed(cls, seed: int) -> Streams:
        """All streams of a run."""
        names = [field.name for field in fields(cls)]
        words = np.random.SeedSequence(seed).generate_state(len(names), np.uint64)
        return cls(**{name: _seeded(int(word)) for name, word in zip(names, words, strict=True)})

    def items(self) -> dict[str, torch.Generator]:
        """Name to stream."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Batches:
    """Draws batches for a recipe in the units of training; its batch size may change in mid-run."""

    def __init__(self, experiment: Experiment, latent: Latent, streams: Streams) -> None:
        self.experiment = experiment
        self._latent = latent
        self._streams = streams
        self._device = torch.device(experiment.device)
        self._units = experiment.data.units
        self._cells = experiment.data.cells if experiment.family.widens_levels else experiment.data.bins
        self.sample, self.labels = self._training_set()

    def real(self) -> Tensor:
        """One batch of data, shape (N, d): fresh draws, or draws with replacement from the training sample."""
        n = self.experiment.batch_size
        if self.sample is None:
            return self._fresh(self._inside(self.experiment.data.draw(n, self._streams.data)).to(self._device))
        index = torch.randint(len(self.sample), (n,), generator=self._streams.data)
        return self._fresh(self.sample[index.to(self._device)])

    def told(self) -> tuple[Tensor, Tensor]:
        """The same with the class of each sample, shapes (N, d) and (N,), of data that have classes."""
        n = self.experiment.batch_size
        if self.sample is None or self.labels is None:
            x, labels = self.experiment.data.draw_told(n, self._streams.data)
            return self._fresh(self._inside(x).to(self._device)), labels.to(self._device)
        index = torch.randint(len(self.sample), (n,), generator=self._streams.data).to(self._device)
        return self._fresh(self.sample[index]), self.labels[index]

    def whole(self) -> Tensor:
        """The training sample, where there is one, in the place of a batch: shape (n, d)."""
        assert self.sample is not None, "only a sample that is there is taken whole"
        return self._fresh(self.sample)

    def first(self) -> Tensor:
        """What a model may take its first place from: the training sample, or draws that training never sees."""
        chance = self._streams.sample
        u = self.sample
        if u is None:
            u = self._inside(self.experiment.data.specimens(FIRST, chance)).to(self._device)
        if self._cells is None or self.experiment.data.bins is not None:
            return u
        return self._cells.noised(u, chance)

    def _training_set(self) -> tuple[Tensor | None, Tensor | None]:
        data, chance = self.experiment.data, self._streams.sample
        told = data.told_training_set(chance) if data.class_names else None
        sample, labels = told or (data.training_set(chance), None)
        inside = None if sample is None else self._inside(sample).to(self._device)
        return inside, None if labels is None else labels.to(self._device)

    def _fresh(self, u: Tensor) -> Tensor:
        """The same samples, with noise of their own in every batch where levels are noised."""
        return u if self._cells is None else self._cells.noised(self._cells.level_of(u), self._streams.data)

    def _inside(self, x: Tensor) -> Tensor:
        return x if self._units is None else self._units.inward(x)

    def latent(self) -> Tensor:
        """One batch of noise, shape (N, k)."""
        return self._latent.draw(self.experiment.batch_size, self._streams.latent).to(self._device)


def set_up(experiment: Experiment, streams: Streams) -> tuple[Game, Batches]:
    """The game with fresh weights, which have no place taken from data yet, and the source of its batches."""
    device = torch.device(experiment.device)
    model = build_model(experiment, streams.weights)
    batches = Batches(experiment, model.latent, streams)
    critic = experiment.objective.build_critic(experiment, streams.weights)
    for network in (model.network, critic):
        if network is not None:
            network.move_to(device)
    game = Game(
        model, critic, experiment.divergence, batches.real, batches.latent, streams.chance,
        shape=experiment.data.shape, sample=batches.sample, whole=batches.whole, labels=batches.labels,
        log_density=_log_density(experiment.data, model), told=batches.told,
    )  # fmt: skip
    return game, batches


def _log_density(data: Data, model: Model) -> Callable[[Tensor], Tensor] | None:
    """The log density log p in the units of training."""
    if "log_prob" not in data.capabilities:
        return None
    return lambda u: data.log_prob(model.outward(u)) + model.log_stretch


def build_model(experiment: Experiment, chance: torch.Generator) -> Model:
    """P_θ of a recipe with fresh weights."""
    model = experiment.family.build_for(experiment, chance)
    model.units = experiment.data.units
    return model


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed % 2**63)
