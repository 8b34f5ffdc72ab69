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
        """For one and two dimensions."""
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``tail``: shape (300, d), and ``vector``: shape (300, d), the sample's own gradient (times N)."""
        fake = subject.fake[:ARROWS].clone().requires_grad_(True)
        loss = subject.experiment.objective.sample_loss(subject.game, fake, subject.real[:ARROWS])
        (gradient,) = autograd.grad(loss, fake)
        return {"tail": plain(fake), "vector": plain(-gradient * len(fake))}
