"""Where the objective pushes each generated sample."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor, autograd

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain

ARROWS: Final = 300

TOLD: Final = 4_096
"""Data of known classes that partners are chosen from."""


@OBSERVATIONS.register
class GradientArrows(Observation):
    """The direction −∂L/∂x̂ in which the generator's loss falls fastest at each of its samples."""

    title: ClassVar[str] = "arrows"
    source: ClassVar[str] = "−∂L_G/∂x̂, the generator's loss seen from one sample"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, and objectives that push samples."""
        if "arrows" not in subject.experiment.objective.capabilities:
            return f"“{subject.experiment.objective.title}” moves weights by the data, and pushes no sample anywhere."
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``tail`` and ``vector``, shape (300, d): the sample's own gradient (times N); one row for a point mass.

        The gradient is taken where the loss is, in the units of training; the arrow is that move in data units.
        """
        model, tail = subject.game.model, subject.fake[:ARROWS]
        fake = model.inward(tail).clone().requires_grad_()
        labels = model.labels_of(subject.noise[:ARROWS])
        real = subject.real[:ARROWS] if labels is None else _alike(subject, labels)
        loss = subject.experiment.objective.sample_loss(subject.game, fake, model.inward(real), labels)
        (gradient,) = autograd.grad(loss, fake)
        move = -gradient * len(fake)
        vector = move if model.units is None else move * model.units.scale
        shown = 1 if bool((tail == tail[0]).all()) else len(tail)  # a point mass has one arrow, not 300 in one place
        return {"tail": plain(tail[:shown]), "vector": plain(vector[:shown])}


def _alike(subject: Subject, labels: Tensor) -> Tensor:
    """Data of these classes, shape (N,) to (N, d): what samples of a model that is told classes are held against."""
    chance = torch.Generator().manual_seed(0)
    x, told = subject.once("told", lambda: subject.experiment.data.draw_told(TOLD, chance))
    chosen = torch.zeros_like(labels)
    for label in labels.unique():
        rows, places = ((which == label).nonzero()[:, 0] for which in (told, labels))
        if len(rows):
            chosen[places] = rows[torch.arange(len(places)) % len(rows)]
    return x[chosen]
