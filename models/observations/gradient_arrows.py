"""Where the objective pushes each generated sample."""

from __future__ import annotations

from typing import ClassVar, Final

from torch import autograd

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain

ARROWS: Final = 300


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
        loss = subject.experiment.objective.sample_loss(subject.game, fake, model.inward(subject.real[:ARROWS]))
        (gradient,) = autograd.grad(loss, fake)
        move = -gradient * len(fake)
        vector = move if model.units is None else move * model.units.scale
        shown = 1 if bool((tail == tail[0]).all()) else len(tail)  # a point mass has one arrow, not 300 in one place
        return {"tail": plain(tail[:shown]), "vector": plain(vector[:shown])}
